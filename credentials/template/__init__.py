"""Certificate templates: compiled once, filled for every certificate."""

from certbeam.credentials.template.compiled import CompiledTemplate, FilledTemplate
from certbeam.credentials.template.compiler import compile_template
from certbeam.credentials.template.errors import Finding, MissingVariable, TemplateError

__all__ = [
    "CompiledTemplate",
    "FilledTemplate",
    "Finding",
    "MissingVariable",
    "TemplateError",
    "compile_template",
]
