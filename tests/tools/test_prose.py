"""The rules of prose, and which texts of a file they are applied to."""

from pathlib import Path

import pytest

from certbeam.tools.prose import ROOT, RULES_FILE, Rules, check, main, sources

RULES = """
paths: []
docstring_openings: [What]
sentence_words: 6
phrases:
  "zorgs? away": remove
"""


def rules(folder: Path) -> Rules:
    """Write the rules above to a file, and read them."""
    file = folder / "rules.yaml"
    file.write_text(RULES)
    return Rules.read(file)


def faults(folder: Path, name: str, text: str) -> list[str]:
    """Return the faults of a file with this text, without its name."""
    file = folder / name
    file.write_text(text)
    return [fault.removeprefix(f"{file}:") for fault in check([file], rules(folder))]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.py", '"""Zorg away."""\n', 1),
        ("a.py", '"""Do it.\n\nIt zorgs\naway.\n"""\n', 3),
        ("a.py", 'def f():\n    """It zorgs away."""\n', 2),
        ("a.py", "x = 1  # it zorgs away\n", 1),
        ("a.py", 'x = f("it zorgs away")\n', 1),
        ("a.py", 'x = f"it zorgs away from {y}"\n', 1),
        ("a.md", "# Title\n\nOne.\nIt zorgs\naway.\n", 4),
        ("a.md", "| a | zorgs away |\n", 1),
        ("a.md", "```sh\nx\n```\nzorgs away\n", 4),
        ("Makefile", "x: y  ## It zorgs away.\n", 1),
    ],
)
def test_a_refused_phrase_is_found_with_its_line(tmp_path: Path, name: str, text: str, line: int):
    (fault,) = faults(tmp_path, name, text)
    assert fault.startswith(f"{line}: '")
    assert fault.endswith("': write remove")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "zorg = away\n"),
        ("a.py", 'x = "zorgs away"\n'),
        ("a.py", '"""Do it by `zorg away`."""\n'),
        ("a.md", "Type `zorg away` or see [this](zorg away).\n"),
        ("a.md", "```sh\nzorg away\n```\n"),
        ("Makefile", "x: y\n\tzorg away\n"),
    ],
)
def test_code_and_names_are_not_checked(tmp_path: Path, name: str, text: str):
    assert faults(tmp_path, name, text) == []


def test_a_first_line_that_is_long_or_begins_with_what_is_found(tmp_path: Path):
    assert faults(tmp_path, "a.py", '"""What it is."""\n') == [
        "1: a docstring begins 'What': use the imperative or a noun phrase"
    ]
    long = '"""One two three four five six seven.\n\nOne two three four five six seven.\n"""\n'
    assert faults(tmp_path, "a.py", long) == ["1: 7 words in 'One two three four …': at most 6 a sentence"]
    assert faults(tmp_path, "a.py", '"""One two three four five six. Seven."""\nx = "What it is"\n') == []


def test_a_long_sentence_of_a_page_is_found(tmp_path: Path):
    assert faults(
        tmp_path, "a.md", "One two. One two three four\nfive six seven.\n\n| a b c d e f g h |\n"
    ) == ["1: 7 words in 'One two three four …': at most 6 a sentence"]


def test_a_folder_is_checked_by_its_sources_and_pages(tmp_path: Path):
    for name in ("a.py", "b.md", "c.svg"):
        (tmp_path / name).touch()
    assert [file.name for file in sources([tmp_path])] == ["a.py", "b.md"]
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist: remove it from the paths"):
        list(sources([tmp_path / "nowhere"]))


def test_the_exit_status_is_1_if_a_rule_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "a.md"
    file.write_text("It zorgs away.\n")
    assert main([str(file)], rules(tmp_path)) == 1
    assert capsys.readouterr().out == f"{file}:1: 'zorgs away': write remove\n1 faults of prose\n"
    file.write_text("It goes.\n")
    assert main([str(file)], rules(tmp_path)) == 0


@pytest.mark.parametrize("refused", ["gives back", "Mended", "lets go", "alarm"])
def test_the_repositorys_own_rules_can_be_read(refused: str):
    own = Rules.read(RULES_FILE)
    assert any(phrase.search(refused) for phrase, _ in own.phrases)
    assert all((ROOT / path).exists() for path in own.paths)
