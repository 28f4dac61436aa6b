"""Check docstrings, comments, messages and pages against the rules of ``prose.yaml``.

Run ``python -m certbeam.tools.prose`` in the repository's root, or with the files and folders to check as arguments.
The exit status is 1 if a rule is broken. A spell checker finds misspelt words. This finds phrases that mislead readers.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

RULES_FILE = Path(__file__).with_suffix(".yaml")
ROOT = RULES_FILE.parent.parent

_COMMENT = re.compile(r"(?:^|\s)#+ ?(.*)")
_FENCE = re.compile(r"^ *(```|~~~)")
_BLOCK_START = re.compile(r"\s*(?:#+ |[-*|>] ?|\d+\. |$)")
_CODE = re.compile(r"`+[^`]*`+|\]\([^)]*\)|https?://\S+")
_SENTENCE_END = re.compile(r"(?<=[.!?:])[\"')*]*\s+")
_WORD = re.compile(r"\w[\w'’-]*")
_MESSAGE_WORDS = 3
"""Number of words from which a string constant is a message or a help text, and not a key or a name."""


class Passage(NamedTuple):
    """A text of a file.

    Attributes:
        line: the number of its first line.
        text: the text.
        summary: True for a docstring, whose first line has its own rules.
        page: True for a paragraph of a page.
    """

    line: int
    text: str
    summary: bool = False
    page: bool = False


@dataclass(frozen=True)
class Rules:
    """The rules of ``prose.yaml``.

    Attributes:
        phrases: each forbidden phrase, and what to write instead.
        openings: words that no docstring may begin with.
        sentence_words: the maximum number of words in a sentence.
        paths: files and folders to check, relative to the repository's root.
    """

    phrases: Sequence[tuple[re.Pattern[str], str]]
    openings: re.Pattern[str]
    sentence_words: int
    paths: Sequence[str]

    @classmethod
    def read(cls, file: Path) -> "Rules":
        """Read the rules from a YAML file."""
        rules: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        return cls(
            [(_words(phrase), instead) for phrase, instead in rules["phrases"].items()],
            re.compile(rf"(?:{'|'.join(rules['docstring_openings'])})\b"),
            rules["sentence_words"],
            rules["paths"],
        )

    def faults(self, passage: Passage) -> Iterator[tuple[int, str]]:
        """Find each broken rule of a passage, with the number of its line."""
        text = _CODE.sub(lambda match: "x" + "\n" * match[0].count("\n"), passage.text)
        for phrase, instead in self.phrases:
            for match in phrase.finditer(text):
                yield passage.line + text.count("\n", 0, match.start()), f"{match[0]!r}: write {instead}"
        if passage.summary and (opening := self.openings.match(text.lstrip())):
            yield passage.line, f"a docstring begins {opening[0]!r}: use the imperative or a noun phrase"
        yield from self._long_sentences(passage, text)

    def _long_sentences(self, passage: Passage, text: str) -> Iterator[tuple[int, str]]:
        checked = text.strip().partition("\n")[0] if passage.summary else text if passage.page else ""
        for sentence in _SENTENCE_END.split(checked):
            count = len(_WORD.findall(sentence))
            if count > self.sentence_words:
                start = " ".join(sentence.split()[:4])
                yield passage.line, f"{count} words in '{start} …': at most {self.sentence_words} a sentence"


def passages(file: Path) -> Iterator[Passage]:
    """Find the prose of a file: that of Python, that of Markdown, or the comments of other files."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        yield from _python(text)
    elif file.suffix == ".md":
        yield from _markdown(text)
    else:
        yield from _comments(text)


def check(files: Iterable[Path], rules: Rules) -> Iterator[str]:
    """Find the faults of files, each as ``file:line: fault``."""
    for file in files:
        faults = (fault for passage in passages(file) for fault in rules.faults(passage))
        yield from (f"{file}:{line}: {fault}" for line, fault in sorted(faults))


def sources(paths: Iterable[Path]) -> Iterator[Path]:
    """Find the files of paths. A folder has its Python files and its pages.

    Raises:
        FileNotFoundError: if a path does not exist.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix in (".py", ".md"))
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(f"{path} does not exist: remove it from the paths in {RULES_FILE.name}")


def main(arguments: Sequence[str], rules: Rules | None = None) -> int:
    """Print the faults, and return the exit status."""
    rules = rules or Rules.read(RULES_FILE)
    files = sources([Path(argument) for argument in arguments] or [ROOT / path for path in rules.paths])
    faults = list(check(files, rules))
    print("\n".join([*faults, f"{len(faults)} faults of prose"]))  # noqa: T201 - the command's output
    return 1 if faults else 0


def _words(phrase: str) -> re.Pattern[str]:
    """Compile a phrase that may continue on the next line."""
    return re.compile(rf"\b(?:{phrase})\b".replace(" ", r"\s+"), re.IGNORECASE)


def _python(source: str) -> Iterator[Passage]:
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node) is not None
        ):
            docstrings.add(id(node.body[0].value))  # type: ignore[attr-defined]  # get_docstring has checked it
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            summary = id(node) in docstrings
            if summary or len(node.value.split()) >= _MESSAGE_WORDS:
                yield Passage(node.lineno, node.value, summary)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Passage(token.start[0], token.string.lstrip("# "))


def _markdown(text: str) -> Iterator[Passage]:
    """Find the paragraphs, table rows and list items outside of code blocks."""
    block: list[str] = []
    fenced = False
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if fence := _FENCE.match(line):
            fenced = not fenced
        if block and (fence or fenced or _BLOCK_START.match(line)):
            yield Passage(number - len(block), "\n".join(block), page=not block[0].startswith("|"))
            block = []
        if not (fence or fenced) and line.strip():
            block.append(line)


def _comments(text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := _COMMENT.search(line):
            yield Passage(number, match[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
