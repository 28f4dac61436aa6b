"""The reference of the command line on ``docs/cli.md``."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import certbeam
from certbeam.io.port import PIPELINES
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.config.flags import EXAMPLES, flags_of
from certbeam.tools.cli_reference import PAGE, VALUES, find_commands, render_page


def sections(page: str) -> dict[str, str]:
    """The sections of a page, by their titles."""
    _, *parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def cells(section: str) -> Iterator[list[str]]:
    """The cells of the rows that describe an option."""
    for row in section.splitlines():
        if row.startswith("| `--"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


@pytest.fixture(scope="module")
def page() -> str:
    return render_page()


def test_the_page_is_up_to_date(page: str):
    assert PAGE.read_text(encoding="utf-8") == page, "run 'make reference'"


def test_each_command_has_a_section_with_each_of_its_options_once(page: str):
    commands = dict(find_commands(click.Context(main, info_name="certbeam")))
    assert list(sections(page)) == list(commands)
    assert {"certbeam issue", "certbeam keys new", "certbeam lms load"} <= commands.keys()
    for path, section in sections(page).items():
        named = [option.strip("`") for option, *_ in cells(section)]
        options = [option for option in commands[path].command.params if isinstance(option, click.Option)]
        assert sorted(named) == sorted(name for option in options for name in option.opts)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_flags_of_a_pipeline_are_in_their_groups(page: str, pipeline: str):
    section = sections(page)[f"certbeam {pipeline}"]
    groups = dict(zip(*[iter(re.split(r"^(\w[\w ]+):\n", section, flags=re.MULTILINE)[1:])] * 2, strict=True))
    for flag in flags_of(pipeline):
        assert f"| `--{flag.name}` | `{flag.metavar}` |" in groups[flag.group]


def test_a_row_has_the_value_the_default_and_the_meaning(page: str):
    rows = {
        path: {option.strip("`"): rest for option, *rest in cells(section)}
        for path, section in sections(page).items()
    }
    issue = rows["certbeam issue"]
    assert issue["--input"][:2] == ["`URI`", "required"]
    assert issue["--timezone"] == ["`ZONE`", "`UTC`", "IANA time zone used to derive the issue date."]
    assert issue["--users"][1] == "the value of `--lms`"
    assert issue["--json"] == ["", "", "Print the summary as JSON."]
    assert rows["certbeam workers"]["--port"][:2] == ["`PORT`, 1 to 65,535", "required"]
    assert rows["certbeam replay"]["--max_read_time"][:2] == ["`N`", "`30`"]


def test_each_kind_of_value_is_explained(page: str):
    named = {re.findall(r"`(.+?)`", value)[0] for _, value, *_ in cells(page) if value}
    assert named == set(VALUES)


def test_the_page_names_nothing_of_this_machine(page: str):
    assert EXAMPLES is not None
    for path in (EXAMPLES, str(Path(certbeam.__file__).parent), str(Path.home()), str(Path.cwd())):
        assert f"{path}/" not in page
        assert f"`{path}`" not in page


def test_texts_are_markdown_that_tables_can_contain():
    @click.group()
    def group() -> None: ...

    @group.command()
    @click.option(
        "--a", metavar="X", help="A | b < c of 'make jars', --b=1, {id} and kafka://H[,H]/T. Default: d."
    )
    def one(a: str) -> None:
        """Do it.

        See the topic's --a.
        """

    page = render_page(group)
    assert (
        "| `--a` | `X` | d | A \\| b &lt; c of `make jars`, `--b=1`, `{id}` and `kafka://H[,H]/T`. |" in page
    )
    assert "\nDo it.\n\nSee the topic's `--a`.\n" in page
