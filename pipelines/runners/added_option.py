"""A Beam option that certbeam adds to those of the user."""

from typing import NamedTuple


class AddedOption(NamedTuple):
    """A Beam option that a runner needs and the user did not give.

    Attributes:
        name: the name without dashes.
        value: an empty string if the option takes no value.
        reason: why it is added, for the log.
    """

    name: str
    value: str
    reason: str

    @property
    def argument(self) -> str:
        """Return the option as an argument of the command line."""
        return f"--{self.name}={self.value}" if self.value else f"--{self.name}"
