"""Compile SVG certificate templates once, and fill them for each certificate.

This package has everything between the source of a template and its filled SVG: parsing, sanitising, styles, text,
placeholders, and the tools for template authors (lint, samples, preview). It has no network or file access, no PNG or
PDF rendering (only lint uses :mod:`certbeam.artwork.render`), and no knowledge of events or credentials.

The names below are its public API; the modules for authors are imported by their own names.
"""

from certbeam.artwork.errors import Finding, MissingVariable, TemplateError
from certbeam.artwork.template.compiled import CompiledTemplate, FilledTemplate
from certbeam.artwork.template.compiler import compile_template

__all__ = [
    "CompiledTemplate",
    "FilledTemplate",
    "Finding",
    "MissingVariable",
    "TemplateError",
    "compile_template",
]
