"""Compile SVG certificate templates once, and fill them for each certificate.

This package turns the normal form of a template into static parts and placeholders, and values into markup. Parsing,
sanitising and the normal form are in :mod:`certbeam.artwork.svg` and :mod:`certbeam.artwork.css`. Lint, samples and
previews are in :mod:`certbeam.artwork.authoring`, and PNG and PDF in :mod:`certbeam.artwork.render`. It has no network
or file access, and no knowledge of events or credentials.
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
