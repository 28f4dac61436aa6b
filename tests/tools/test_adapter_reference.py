"""The table of adapters on ``docs/adapters.md``."""

from certbeam.io import port_table
from certbeam.io.port import Port
from certbeam.tools.adapter_reference import BEGIN, END, PAGE, TESTED_AGAINST, render_page, render_table

PORTS = [port for port in vars(port_table).values() if isinstance(port, Port) and port.pipelines]
"""The ports that have a flag of a pipeline."""


def test_the_page_is_up_to_date():
    page = PAGE.read_text(encoding="utf-8")
    assert page == render_page(page), (
        "run python -m certbeam.tools.adapter_reference in the repository's root"
    )


def test_only_the_table_between_the_markers_is_replaced():
    page = render_page(f"before\n{BEGIN}\n\nan earlier table\n\n{END}\nafter\n")
    assert page == f"before\n{BEGIN}\n\n{render_table()}\n\n{END}\nafter\n"


def test_the_table_has_every_port_and_every_adapter():
    table = render_table().replace("`", "")
    for port in PORTS:
        assert f"--{port.flag}" in table
        assert port.about in table
        for adapter in port.adapters:
            assert f"| {adapter.form} |" in table


def test_every_test_in_the_table_is_of_an_adapter():
    schemes = {(port.flag, adapter.schemes[0]) for port in PORTS for adapter in port.adapters}
    tested = {(flag, scheme) for flag, tests in TESTED_AGAINST.items() for scheme in tests}
    assert tested <= schemes
