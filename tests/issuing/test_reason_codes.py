"""The codes of reasons: their values do not change, and each is used."""

import ast
import pickle
from pathlib import Path

import certbeam
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.tests.golden.files import cases_of

ROOT = Path(certbeam.__file__).parent


def test_the_golden_file_has_every_code():
    assert set(cases_of("reason_codes")) == {code.value for code in ReasonCode}


def test_a_code_is_formatted_as_its_value_and_pickled():
    for code in ReasonCode:
        assert f"not-eligible:{code}" == f"not-eligible:{code.value}"
        assert pickle.loads(pickle.dumps(code)) is code  # noqa: S301


def test_every_code_is_used():
    files = (file for room in ("issuing", "stages", "transforms") for file in (ROOT / room).rglob("*.py"))
    used = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ReasonCode"
    }
    assert used == {code.name for code in ReasonCode}
