"""Provide a small certificate to render."""

import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template

URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"
TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="100 50 800 500" width="1000" height="800">
  <title>Certificate of ${name}</title>
  <defs>
    <linearGradient id="sky"><stop stop-color="#fff"/><stop offset="1" stop-color="#cde"/></linearGradient>
    <clipPath id="page"><rect x="100" y="50" width="800" height="500"/></clipPath>
  </defs>
  <g clip-path="url(#page)">
    <rect x="100" y="50" width="800" height="500" fill="url(#sky)"/>
    <text x="500" y="150" text-anchor="middle" font-size="40" fill="#123">Certificate</text>
    <g transform="translate(500 250) scale(2)">
      <text text-anchor="middle" font-size="25" fill="#812" font-weight="bold">
        <tspan>${name}</tspan><tspan fill="green"> ✓</tspan></text>
    </g>
    <image href="${qrCodeImage}" x="720" y="350" width="150" height="160"/>
  </g>
  <text x="150" y="400" font-size="30" opacity="0.5">${faint}</text>
</svg>
"""


@pytest.fixture(scope="session")
def fill_certificate(fonts):
    """Return a function that fills the template with a name and a translucent text."""
    template = compile_template(TEMPLATE.encode(), embed=str, fonts=fonts)

    def fill(name, faint="2026"):
        return template.fill({"name": name, "faint": faint}, make_qr(URL, "A1B2C3"))

    return fill
