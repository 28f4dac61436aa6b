"""Write ``docs/cli.md``, the reference of the command line, from the commands.

Run ``python -m certbeam.tools.cli_reference`` in the repository's root after a change of a command or a flag.
"""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path

import click

from certbeam.pipelines.cli.main import main
from certbeam.pipelines.cli.run_pipeline import PipelineCommand

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"

VALUES: Mapping[str, str] = {
    "URI": "an address, or a path; [adapters.md](adapters.md) describes the addresses and their options",
    "URL": "a URL, or a path if the meaning names a folder",
    "FILE": "the path of a file",
    "DIR": "the path of a folder",
    "JAR": "the path of a .jar file",
    "N": "a whole number of at least 1",
    "SECONDS": "a number of seconds",
    "LIST": "words, separated by commas",
    "TEXT": "any text",
    "NAME": "a name",
    "NAME=VALUE[,…]": "pairs of a name and a value, separated by commas",
    "FORMAT": "`text` or `json`",
    "SCRIPT": "one of the scripts that the meaning lists, in upper or lower case",
    "ZONE": "a time zone of the IANA database, such as `Asia/Kolkata`",
    "HOST": "a host name, an IP address or a network",
    "PORT": "the number of a TCP port",
    "HOST:PORT": "a host name or an IP address, and a TCP port",
    "NETWORK": "an IP network, such as `10.20.0.0/16`",
}
"""The kinds of values, by the word that the help texts use."""

_HEADER = """\
# Command line

<!-- Made by python -m certbeam.tools.cli_reference from the commands: do not edit this page. -->

This page has the help of every command. `certbeam COMMAND --help` prints it, and `certbeam --version` prints the
version. The exit status is 0 for success, 1 if something was rejected or failed, and 2 for a usage error.

An option with an empty "value" column takes no value.
"""

_CODE = re.compile(
    r"(?<!\w)'(?P<quoted>[^']+)'"
    r"|(?P<code>(?<![\w-])--[a-z][\w-]*(?:=\S*\w)?"
    r"|\{\w+\}"
    r"|(?<![\w:])[a-z][a-z0-9+]*(?:\(s\))?:(?:[^\s,;.]|[,;.](?=\S))+)"
)
"""Words of a help text that Markdown shows as code: a quotation, an option, a field in braces, an address."""

_DEFAULT = re.compile(r" ?Default: (?P<default>.+?)\.(?= |$)")


def render_page(root: click.Group = main) -> str:
    """Return the page in Markdown."""
    commands = list(find_commands(click.Context(root, info_name="certbeam")))
    rows = [f"| [`{path}`](#{path.replace(' ', '-')}) | {_summary(context)} |" for path, context in commands]
    values = [f"| `{name}` | {text} |" for name, text in VALUES.items()]
    return "\n".join(
        [
            _HEADER,
            *_table("command", "does", rows=rows),
            *_table("value of an option", "is", rows=values),
            *(line for path, context in commands for line in _render_command(path, context)),
        ]
    )


def find_commands(context: click.Context) -> Iterator[tuple[str, click.Context]]:
    """Find the commands below a group, without groups.

    Args:
        context: the context of the group.

    Yields:
        The command as it is typed, and its context.
    """
    assert isinstance(context.command, click.Group)  # noqa: S101 - the callers' contexts have groups
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        if command is not None:
            below = click.Context(command, info_name=name, parent=context)
            if isinstance(command, click.Group):
                yield from find_commands(below)
            else:
                yield below.command_path, below


def _render_command(path: str, context: click.Context) -> Iterator[str]:
    command = context.command
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    yield f"## {path}\n"
    yield from (f"{paragraph}\n" for paragraph in _paragraphs(command.help or ""))
    yield f"```text\n{usage}\n```\n"
    for title, options in _groups(command, context).items():
        if title:
            yield f"{title}:\n"
        rows = [_render_option(option, context) for option in options]
        yield from _table("option", "value", "default", "meaning", rows=rows)
    yield from (f"{paragraph}\n" for paragraph in _paragraphs(command.epilog or ""))


def _groups(command: click.Command, context: click.Context) -> Mapping[str, list[click.Option]]:
    """Return the options by the title of their group, without that of the help."""
    if isinstance(command, PipelineCommand):
        groups = command.groups(context)
    else:
        groups = {"": [option for option in command.get_params(context) if isinstance(option, click.Option)]}
    return {
        title: [option for option in options if "--help" not in option.opts]
        for title, options in groups.items()
    }


def _render_option(option: click.Option, context: click.Context) -> str:
    extra = option.get_help_extra(context)
    text = option.help or ""
    default = f"`{extra['default']}`" if "default" in extra else ""
    if "required" in extra:
        default = "required"
    elif match := _DEFAULT.search(text):
        default = _render_text(match["default"])
        text = _DEFAULT.sub("", text)
    value = "" if option.is_flag else f"`{option.make_metavar(context)}`{_range(option)}"
    return f"| `{', '.join(option.opts)}` | {value} | {default} | {_render_text(text)} |"


def _range(option: click.Option) -> str:
    """Return the limits of a number as a phrase after the word for it."""
    if not isinstance(option.type, click.IntRange) or option.type.max is None:
        return ""
    return f", {option.type.min:,} to {option.type.max:,}"


def _summary(context: click.Context) -> str:
    return _render_text(context.command.get_short_help_str(limit=200)).rstrip(".")


def _paragraphs(text: str) -> list[str]:
    """Split a help text at its blank lines, and join the lines of each paragraph."""
    return [
        _render_text(" ".join(paragraph.split())) for paragraph in cleandoc(text).split("\n\n") if paragraph
    ]


def _render_text(text: str) -> str:
    """Return a help text as Markdown that a table can contain."""
    marked = _CODE.sub(lambda match: f"`{match['quoted'] or match['code']}`", text)
    return marked.replace("|", "\\|").replace("<", "&lt;")


def _table(*titles: str, rows: list[str]) -> list[str]:
    return [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", *rows, ""]


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
