"""The options behind the ``?`` of a port's URI, and the secrets that they point to."""

import os
from pathlib import Path
from urllib.parse import parse_qsl

from certbeam.io.uri.address import Address


class Options:
    """Options of one address, taken by name; what nobody took is a mistake.

    Raises:
        FlagError: for an option that is given twice.
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
        """The value of one option."""
        return self._left.pop(name, default)

    def count(self, name: str, default: int) -> int:
        """The value of one option that is a whole number, 0 or more.

        Raises:
            FlagError: when it is none.
        """
        value = self.take(name, str(default))
        if not value.isdecimal():
            raise self._address.refuse(f"{name} must be a whole number")
        return int(value)

    def secret(self, name: str) -> str:
        """A secret out of the file of ``<name>_file`` or the variable of ``<name>_env``; "" where neither is given.

        Raises:
            FlagError: when it is not there, or stands in the address itself.
        """
        if name in self._left:
            # The value is in the address, so the address is kept out of the message.
            remedy = f"a secret does not stand in a flag; give {name}_file=FILE or {name}_env=VARIABLE"
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
        """What was not taken yet, and may be taken still."""
        return dict(self._left)

    def rest(self) -> dict[str, str]:
        """All that was not taken yet."""
        rest, self._left = self._left, {}
        return rest

    def done(self) -> None:
        """Refuse what was not taken.

        Raises:
            FlagError: naming the first of it.
        """
        for name in self._left:
            raise self._address.refuse(f"there is no option {name!r}")
