"""The errors that templates and their values give, each with a code for machines and a remedy for people."""

from dataclasses import dataclass

from certbeam.credentials.errors import Rejected


class TemplateError(Rejected):
    """A template cannot be used, or a value cannot stand in it."""


def at_line(line: object, error: TemplateError) -> TemplateError:
    """The same error, with the line of the source in its message."""
    return TemplateError(error.code, f"line {line}: {error}")


class MissingVariable(TemplateError):
    """The template asks for a variable that the certificate does not have.

    Attributes:
        name: the variable's name, as looked up in the values.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            "missing-variable",
            f"the template asks for {name!r}, which this certificate does not have:"
            f" give it a value, or a default in the template (${{{name}:-…}})",
        )
        self.name = name

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return type(self), (self.name,)


@dataclass(frozen=True)
class Finding:
    """One thing that was found in a template.

    Attributes:
        code: what it is, as a short kebab-case word.
        line: the line of the template's source it was found on, from 1; 0 where it has none.
        message: what was found and what to do about it.
        is_error: whether certificates cannot be made from the template until it is mended.
    """

    code: str
    line: int
    message: str
    is_error: bool = False
