"""The log of a certbeam process, as text or as JSON."""

import logging
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal, cast

import orjson

from certbeam.io.uri.address import FlagError

LogFormat = Literal["text", "json"]

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Beam warns of each Java process that it starts and stops, and of options that it passes to the runner. Cassandra's
# driver logs tracebacks of nodes that come and go. certbeam itself reports what fails in the end.
_MIN_LEVELS = {
    "apache_beam.utils.subprocess_server": logging.ERROR,
    "apache_beam.options.pipeline_options": logging.ERROR,
    "cassandra": logging.CRITICAL,
}


class JsonFormatter(logging.Formatter):
    """One JSON object for each record: ``time`` (UTC), ``level``, ``logger``, ``message``, ``exception`` if any.

    ``exception`` has the type and the frames, but not the message: the message of a library's exception may quote an
    event, which may contain a name or a mail address.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            lines = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
            line |= {"exception": {"type": record.exc_info[0].__name__, "at": lines}}
        return orjson.dumps(line).decode()


def log_format(value: str) -> LogFormat:
    """Parse the value of ``--log_format``.

    Raises:
        FlagError: if it is not a log format.
    """
    if value in ("json", "text"):
        return cast("LogFormat", value)
    raise FlagError("log_format", value, "it is not a log format: give json or text")


def configure_logging(form: LogFormat = "text") -> None:
    """Log warnings, and certbeam's own messages from level INFO, to standard error. Another call changes the format.

    It replaces the handlers of the process, so call it only in the entry points of certbeam's own processes.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    # A warning of Beam about Google libraries that certbeam does not use.
    handler.addFilter(lambda record: not str(record.msg).startswith("apitools not found"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("certbeam").setLevel(logging.INFO)
    for name, level in _MIN_LEVELS.items():
        logging.getLogger(name).setLevel(level)
