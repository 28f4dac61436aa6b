"""The errors that templates and their values give, each with a code for machines and a remedy for people."""

from dataclasses import dataclass


class TemplateError(Exception):
    """A template cannot be used, or a value cannot stand in it.

    Attributes:
        code: what is wrong, as a short kebab-case word such as ``template-malformed``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        """Two arguments, so that the error survives the pickling between worker processes."""
        return type(self), (self.code, str(self))


class MissingVariable(TemplateError):  # noqa: N818 - the name says what it is
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
    """

    code: str
    line: int
    message: str
