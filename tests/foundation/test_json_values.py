"""Read values of JSON objects whose members may be missing or have any type."""

import orjson
import pytest

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    MAX_DEPTH,
    parse_field,
    parse_object,
    read_epoch_millis,
    read_flag,
    read_object,
    read_required_string,
    read_string,
)


@pytest.mark.parametrize(
    "value", [b"", b"{", b"{'a': 1}", b'{"a": tru}', b"\xff\xfe", b'{"a": "\\ud800"}', b"NaN"]
)
def test_bytes_that_are_not_json_are_rejected(value):
    with pytest.raises(Rejected) as error:
        parse_object(value)
    assert error.value.code == "not-json"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"[]", "list"),
        (b'"x"', "text"),
        (b"true", "boolean"),
        (b"1", "number"),
        (b"1.5", "number"),
        (b"null", "null"),
    ],
)
def test_json_that_is_not_an_object_is_rejected_with_its_type(value, kind):
    with pytest.raises(Rejected, match=f"a JSON {kind}, not an object") as error:
        parse_object(value)
    assert error.value.code == "not-an-object"


def test_a_byte_order_mark_is_accepted():
    assert parse_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("opening", [b'{"a":', b'{"a":['])
def test_an_event_that_orjson_cannot_write_is_rejected(opening):
    closing = b"]}" if opening.endswith(b"[") else b"}"
    with pytest.raises(Rejected, match="nested") as error:
        parse_object(opening * 300 + b"1" + closing * 300)
    assert error.value.code == "not-json"


def test_an_event_of_the_maximum_depth_is_parsed_and_written():
    value = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    assert orjson.dumps(parse_object(value)) == value


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b'{"a":[', b"]}")])
def test_an_event_deeper_than_200_levels_is_rejected(opening, closing):
    levels = 200 // len(closing)
    value = opening * levels + b"1" + closing * levels
    assert orjson.dumps(parse_object(value)) == value
    # With more brackets than levels, the levels are counted.
    wide = b'{"x":[],' + value[1:]
    assert orjson.dumps(parse_object(wide)) == wide
    with pytest.raises(Rejected, match="nested more than 200 levels deep") as error:
        parse_object(opening * levels + b"[1]" + closing * levels)
    assert error.value.code == "not-json"


def test_brackets_in_texts_and_siblings_do_not_count_as_depth():
    value = orjson.dumps({"a": "[{" * 1000, "b": [[1]] * 1000})
    assert orjson.dumps(parse_object(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        ("  x ", "x"),
        ("", ""),
        ("  ", ""),
        (None, ""),
        (7, "7"),
        (0, "0"),
        (True, ""),
        (1.5, ""),
        ([], ""),
    ],
)
def test_a_text_is_trimmed_and_may_be_an_integer(value, expected):
    assert read_string({"a": value}, "a") == expected


def test_the_first_text_that_is_not_blank_is_read():
    assert read_string({"a": " ", "b": "two", "c": "three"}, "a", "b", "c") == "two"


def test_a_missing_text_is_rejected_with_its_path():
    with pytest.raises(Rejected, match=r"^edata\.name is missing or blank$"):
        read_required_string({"name": " "}, "name", at="edata")


@pytest.mark.parametrize("value", [True, "true", "TRUE", "True"])
def test_a_flag_may_be_true_or_the_text_true_in_any_case(value):
    assert read_flag({"b": value}, "a", "b") is True


@pytest.mark.parametrize("value", [False, "false", "yes", 1, None, "", []])
def test_a_flag_of_any_other_value_is_false(value):
    assert read_flag({"a": value}, "a") is False


@pytest.mark.parametrize("value", [-1, 253_402_300_800_000, 1.5, "1564144562948", True, None])
def test_an_invalid_time_is_none(value):
    assert read_epoch_millis({"ets": value}, "ets") is None


@pytest.mark.parametrize("value", [0, 1_564_144_562_948, 253_402_300_799_999])
def test_a_time_may_be_from_1970_to_the_year_9999(value):
    assert read_epoch_millis({"ets": value}, "ets") == value


@pytest.mark.parametrize("value", [None, "x", [], 1])
def test_a_member_that_is_not_an_object_is_read_as_an_empty_object(value):
    assert read_object({"a": value}, "a") == {}


@pytest.mark.parametrize("raw", [None, "", "  ", "null"])
def test_an_empty_member_is_an_empty_value_of_its_type(raw):
    assert parse_field(raw, name="issuer", kind=dict) == {}
    assert parse_field(raw, name="signatoryList", kind=list) == []


@pytest.mark.parametrize("raw", ['{"name": "x"}', {"name": "x"}])
def test_a_member_may_be_a_text_or_parsed(raw):
    assert parse_field(raw, name="issuer", kind=dict) == {"name": "x"}


@pytest.mark.parametrize(
    ("raw", "kind", "message"),
    [
        ("{", dict, "issuer is not JSON"),
        ("[]", dict, "issuer is a list, not an object"),
        ('"x"', list, "issuer is a text, not a list"),
        ("{}", list, "issuer is a object, not a list"),
        (7, list, "issuer is a number, not a list"),
    ],
)
def test_a_member_of_another_type_is_rejected_by_name(raw, kind, message):
    with pytest.raises(Rejected, match=message) as error:
        parse_field(raw, name="issuer", kind=kind)
    assert error.value.code == "template-field"
