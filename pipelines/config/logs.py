"""The log of a certbeam process: lines for people, or JSON for machines."""

import logging
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal, cast

import orjson

from certbeam.io.uri.address import FlagError

LogFormat = Literal["text", "json"]

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Beam warns of each Java process that it starts and ends, and of the runner's options that it hands on unread; the
# driver tells of nodes that come and go, with tracebacks. What fails in the end is told by certbeam.
_TALKATIVE = {
    "apache_beam.utils.subprocess_server": logging.ERROR,
    "apache_beam.options.pipeline_options": logging.ERROR,
    "cassandra": logging.CRITICAL,
}


class JsonFormatter(logging.Formatter):
    """One JSON object for each record: ``time`` (UTC), ``level``, ``logger``, ``message``, ``exception`` if any.

    Of an exception only its type and places are told: the message of a foreign one may quote an event, and with
    it a name or a mail address.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
            line |= {"exception": {"type": record.exc_info[0].__name__, "at": places}}
        return orjson.dumps(line).decode()


def log_format(value: str) -> LogFormat:
    """The value of ``--log_format``.

    Raises:
        FlagError: when it is none.
    """
    if value in ("json", "text"):
        return cast("LogFormat", value)
    raise FlagError("log_format", value, "json or text is needed")


def configure_logging(form: LogFormat = "text") -> None:
    """Log warnings, and the information of certbeam itself, to standard error; may be called again.

    This replaces the handlers of the whole process, so only entry points of certbeam's own processes call it.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    # Beam's remark on Google libraries that certbeam does not use.
    handler.addFilter(lambda record: not str(record.msg).startswith("apitools not found"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("certbeam").setLevel(logging.INFO)
    for name, level in _TALKATIVE.items():
        logging.getLogger(name).setLevel(level)
