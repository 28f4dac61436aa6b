"""The error codes: how they are written, that their values do not change, and that each is used."""

import ast
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

import certbeam
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.clients.service_errors import SERVICE_ERRORS
from certbeam.tests.golden.files import cases_of
from certbeam.tools.docs_site import PACKAGES

ROOT = Path(certbeam.__file__).parent


def product_trees() -> Iterator[ast.AST]:
    """Return the syntax trees of all modules except the one that defines the codes."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return (ast.parse(file.read_text()) for file in files if file.name != "error_codes.py")


def codes_in(node: ast.AST) -> set[ErrorCode]:
    """Return the codes that a syntax tree names."""
    return {
        ErrorCode[child.attr]
        for child in ast.walk(node)
        if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "ErrorCode"
    }


def codes_raised_by(*exceptions: str) -> set[ErrorCode]:
    """Return the codes that these exceptions are constructed with."""
    return {
        code
        for tree in product_trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in exceptions and call.args
        for code in codes_in(call.args[0])
    }


@pytest.mark.parametrize("code", ErrorCode)
def test_a_code_is_formatted_and_serialised_as_its_value(code: ErrorCode):
    value = code.value
    assert type(value) is str
    assert code == value == str(code) == f"{code}" == "{}".format(code) == "%s" % (code,)  # noqa: UP031, UP032
    assert "".join(["dead-letter:", code]) == f"dead-letter:{value}"
    assert hash(code) == hash(value)
    assert orjson.dumps({"errorCode": code}) == orjson.dumps({"errorCode": value})
    assert json.dumps([code]) == json.dumps([value])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_codes_and_errors_are_pickled(protocol: int):
    for code in ErrorCode:
        assert pickle.loads(pickle.dumps(code, protocol)) is code  # noqa: S301
    error = pickle.loads(pickle.dumps(Rejected(ErrorCode.NO_USER, "Why."), protocol))  # noqa: S301
    assert (error.code, error.reason) == (ErrorCode.NO_USER, "Why.")


def test_a_code_is_looked_up_by_its_value():
    assert ErrorCode("not-json") is ErrorCode.NOT_JSON
    with pytest.raises(ValueError, match="no-such-code"):
        ErrorCode("no-such-code")


def test_the_golden_file_has_every_code():
    assert set(cases_of("error_codes")) == {code.value for code in ErrorCode}


def test_a_member_has_the_name_of_its_value():
    for code in ErrorCode:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value)
        assert code.name == code.value.upper().replace("-", "_")


def test_every_code_is_used():
    used = {code for tree in product_trees() for code in codes_in(tree)}
    assert set(ErrorCode) - used == set()


def test_exactly_the_codes_of_unavailable_services_are_retriable():
    unavailable = {errors.unavailable for errors in SERVICE_ERRORS.values()}
    refused = {errors.refused for errors in SERVICE_ERRORS.values()}
    retriable = {code for code in ErrorCode if code.description.is_retriable}
    assert codes_raised_by("Unavailable") | unavailable == retriable
    assert (codes_raised_by("Rejected", "TemplateError") | refused) & retriable == set()


@pytest.mark.parametrize("code", ErrorCode)
def test_a_description_has_short_sentences(code: ErrorCode):
    for text in (code.description.meaning, code.description.remedy):
        assert text.endswith(".")
        assert all(len(sentence.split()) <= 25 for sentence in text.split(". "))


def test_a_code_without_a_description_is_refused():
    with pytest.raises(TypeError, match="the error code 'x' has no description"):
        ErrorCode.__new_member__(ErrorCode, "x")  # type: ignore[attr-defined]
