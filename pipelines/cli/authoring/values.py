"""The JSON file of ``certbeam preview --data``."""

from pathlib import Path

import orjson

from certbeam.io.uri.address import FlagError


def read_values(data: Path | None) -> dict[str, str]:
    """Return the values of variables that a file has, by their names; none if there is no file.

    Raises:
        FlagError: the file cannot be read, or is not a JSON object.
    """
    if data is None:
        return {}
    try:
        values = orjson.loads(data.read_bytes())
    except OSError as error:
        raise FlagError("data", str(data), f"it cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise FlagError("data", str(data), f"it is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise FlagError("data", str(data), "it is not a JSON object: map names of variables to values")
    return {name: str(value) for name, value in values.items()}
