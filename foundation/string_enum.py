"""Enumerations of strings that are persisted, printed and compared as strings."""

from enum import Enum


class StringEnum(str, Enum):
    """Enumeration whose members are strings.

    A member is formatted as its value in every supported version of Python, which ``enum.StrEnum`` does only from
    Python 3.11 on.
    """

    def __str__(self) -> str:
        return str(self.value)
