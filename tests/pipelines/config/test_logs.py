"""The JSON log has the type and traceback of an exception, and no personal data."""

import logging
import sys

import orjson
import pytest

from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.logs import JsonFormatter, log_format


def record(**more: object) -> logging.LogRecord:
    values = {
        "name": "certbeam.x",
        "levelname": "WARNING",
        "msg": "no notice of %s",
        "args": ("id-1",),
        "created": 0,
    }
    return logging.makeLogRecord({**values, **more})


def test_a_line_of_the_log_is_a_json_object():
    assert orjson.loads(JsonFormatter().format(record())) == {
        "time": "1970-01-01T00:00:00.000Z",
        "level": "WARNING",
        "logger": "certbeam.x",
        "message": "no notice of id-1",
    }


def test_an_exception_is_logged_with_type_and_traceback_but_without_its_message():
    try:
        raise ValueError("asha@example.org")
    except ValueError:
        line = JsonFormatter().format(record(exc_info=sys.exc_info()))
    assert orjson.loads(line)["exception"]["type"] == "ValueError"
    assert "test_logs.py" in orjson.loads(line)["exception"]["at"][0]
    assert "asha" not in line


def test_an_unknown_format_is_refused():
    with pytest.raises(FlagError, match="json or text"):
        log_format("xml")
