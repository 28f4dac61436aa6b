"""Define the errors and lint findings of templates, each with a code for programs and a remedy for authors."""

import re
from dataclasses import dataclass

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected


class TemplateError(Rejected):
    """A template, or a value for one of its variables, cannot be used."""


def add_line(error: TemplateError, line: object) -> TemplateError:
    """Return a copy of an error with the line of the template's source in its message."""
    return TemplateError(error.code, f"line {line}: {error}")


def find_error_line(message: str) -> int:
    """Return the line of the template's source that the message of an error names; 0 if it names none."""
    match = re.search(r"line (\d+)", message)
    return int(match[1]) if match else 0


class MissingVariable(TemplateError):
    """A variable of the template has neither a value nor a default.

    Attributes:
        name: the variable's name, as looked up in the values.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            ErrorCode.MISSING_VARIABLE,
            f"the variable {name!r} has no value for this certificate:"
            f" give it a value, or a default in the template (${{{name}:-…}})",
        )
        self.name = name

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return type(self), (self.name,)


@dataclass(frozen=True)
class Finding:
    """Fault or warning that was found in a template.

    Attributes:
        code: the kind of finding, in kebab case.
        line: the line of the template's source, from 1; 0 if it applies to the whole template.
        message: what is wrong, and what to do about it.
        is_error: True if no certificate can be made from the template until this is fixed.
    """

    code: str
    line: int
    message: str
    is_error: bool = False
