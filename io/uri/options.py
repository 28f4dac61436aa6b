"""Options of a port's URI, which follow ``?``, and the secrets that they name."""

import os
from pathlib import Path
from urllib.parse import parse_qsl

from certbeam.io.uri.address import Address


class Options:
    """Options of an address, which the adapter takes by name.

    :meth:`done` refuses those that it has not taken.

    Attributes:
        location: the address without its scheme and its options.

    Raises:
        FlagError: if an option is given twice.
    """

    def __init__(self, address: Address) -> None:
        self.location, _, query = address.path.partition("?")
        self._address = address
        self._left: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name in self._left:
                raise address.refuse(f"{name} is given twice")
            self._left[name] = value

    def take(self, name: str, default: str = "") -> str:
        """Take the value of an option."""
        return self._left.pop(name, default)

    def count(self, name: str, default: int) -> int:
        """Take the value of an option that is a whole number, 0 or more.

        Raises:
            FlagError: if it is not a whole number.
        """
        value = self.take(name, str(default))
        if not value.isdecimal():
            raise self._address.refuse(f"{name} must be a whole number")
        return int(value)

    def secret(self, name: str) -> str:
        """Take a secret from the file ``<name>_file`` or the environment variable ``<name>_env``.

        Returns:
            The secret; an empty string if neither option is given.

        Raises:
            FlagError: if the file or the variable is missing, or the secret itself is in the address.
        """
        if name in self._left:
            # The options, which contain the secret, must not be in the message.
            remedy = f"a secret must not be in a flag; give {name}_file=FILE or {name}_env=VARIABLE"
            raise self._address.without_options().refuse(remedy)
        file, variable = self.take(f"{name}_file"), self.take(f"{name}_env")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise self._address.refuse(f"{name}_file cannot be read: {error.strerror}") from error
        if variable and variable not in os.environ:
            raise self._address.refuse(f"the environment has no variable {variable}, which {name}_env names")
        return os.environ[variable] if variable else ""

    def left(self) -> dict[str, str]:
        """Return the options that have not been taken."""
        return dict(self._left)

    def rest(self) -> dict[str, str]:
        """Take all options that have not been taken."""
        rest, self._left = self._left, {}
        return rest

    def done(self) -> None:
        """Refuse options that have not been taken.

        Raises:
            FlagError: with the name of the first one.
        """
        for name in self._left:
            raise self._address.refuse(f"there is no option {name!r}")
