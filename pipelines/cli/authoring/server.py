"""The HTTP server of the page: fixed routes, for browsers on this machine only.

A page of another site cannot read what it serves. It refuses other host names than those of this machine, so that no
site can point its own name to this server (DNS rebinding). It allows no other origin (CORS), and no other site can
embed its pictures. The page loads nothing from elsewhere (Content-Security-Policy).
"""

import json
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from certbeam.artwork.errors import Finding
from certbeam.pipelines.cli.authoring.page_state import build_page_state, finding_to_json
from certbeam.pipelines.cli.authoring.session import Session

ADDRESS = "127.0.0.1"
_FOLDER = Path(__file__).parent
_KEEP_ALIVE_SECONDS = 15.0  # after which a comment finds out if the browser still listens
_REQUEST_SECONDS = 30.0

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A certificate is a document of its own if it is opened alone. Its SVG has style sheets, and images and fonts in it.
_SVG_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox; "
    "frame-ancestors 'none'"
)
# The browser's viewer of PDF files is a program of its own, which other policies would stop.
_PDF_POLICY = "frame-ancestors 'self'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
# Path, key of session.OUTPUTS, media type and policy.
_CERTIFICATES = {
    "/certificate.svg": ("svg", "image/svg+xml", _SVG_POLICY),
    "/certificate.png": ("png", "image/png", _PAGE_POLICY),
    "/certificate.pdf": ("pdf", "application/pdf", _PDF_POLICY),
    "/certificate-pdf.png": ("pdf-picture", "image/png", _PAGE_POLICY),
}
_JSON = "application/json"


class PreviewServer(ThreadingHTTPServer):
    """Server of one template's page, on loopback only.

    Attributes:
        session: the template.
        url: the address of the page.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        """Bind the port.

        Args:
            session: the template.
            port: the port; 0 for any free port.

        Raises:
            OSError: the port is in use.
        """
        super().__init__((ADDRESS, port), _Handler)
        self.session = session
        self.url = f"http://{ADDRESS}:{self.server_port}/"
        self.hosts = frozenset(f"{name}:{self.server_port}" for name in (ADDRESS, "localhost"))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore that a browser has closed a connection, and print other errors."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Handler of one request."""

    server: PreviewServer
    server_version = "certbeam"
    sys_version = ""
    timeout = _REQUEST_SECONDS

    def do_GET(self) -> None:
        """Answer a request for a page file, the state, an event stream or a certificate."""
        path, _, query = self.path.partition("?")
        routes: Mapping[str, Callable[[], None]] = {
            "/state": self._send_state,
            "/events": self._send_events,
            **dict.fromkeys(_PAGE_FILES, lambda: self._send_page_file(path)),
            **dict.fromkeys(_CERTIFICATES, lambda: self._send_certificate(path, query)),
        }
        if self._is_from_this_machine():
            routes.get(path, self._refuse_path)()

    def do_POST(self) -> None:
        """Reload the template."""
        if not self._is_from_this_machine():
            return
        if self.path != "/reload":
            self._refuse_path()
        elif self.headers.get("Origin") != f"http://{self.headers['Host']}":
            self._send_text(HTTPStatus.FORBIDDEN, "only the page itself may reload the template")
        else:
            self.server.session.reload()
            self._send(HTTPStatus.NO_CONTENT, b"", _JSON)

    def _is_from_this_machine(self) -> bool:
        if self.headers.get("Host") in self.server.hosts:
            return True
        self._send_text(HTTPStatus.FORBIDDEN, f"the host is not this server: open {self.server.url}")
        return False

    def _refuse_path(self) -> None:
        self._send_text(HTTPStatus.NOT_FOUND, f"there is no such page: open {self.server.url}")

    def _send_page_file(self, path: str) -> None:
        name, media_type = _PAGE_FILES[path]
        self._send(HTTPStatus.OK, (_FOLDER / name).read_bytes(), media_type)

    def _send_state(self) -> None:
        session = self.server.session
        self._send(HTTPStatus.OK, json.dumps(build_page_state(session)).encode(), _JSON)

    def _send_certificate(self, path: str, query: str) -> None:
        output, media_type, policy = _CERTIFICATES[path]
        session = self.server.session
        scenario = parse_qs(query).get("scenario", [""])[0]
        if scenario not in session.scenarios:
            self._send_text(HTTPStatus.NOT_FOUND, "there is no such scenario")
            return
        drawn = session.draw(scenario, output)
        if isinstance(drawn, Finding):
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, json.dumps(finding_to_json(drawn)).encode(), _JSON)
        else:
            self._send(HTTPStatus.OK, drawn, media_type, policy)

    def _send_events(self) -> None:
        """Send the number of each version as a server-sent event, until the browser or the session is closed."""
        self._send_headers("text/event-stream", _PAGE_POLICY)
        session, known = self.server.session, ""
        while not session.is_closed:
            number = str(session.wait_for_version(known, _KEEP_ALIVE_SECONDS).number)
            event = ": no change\n\n" if number == known else f"event: version\ndata: {number}\n\n"
            known = number
            self.wfile.write(event.encode())

    def _send_text(self, status: HTTPStatus, text: str) -> None:
        self._send(status, f"{text}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, body: bytes, media_type: str, policy: str = _PAGE_POLICY) -> None:
        self._send_headers(media_type, policy, status, {"Content-Length": str(len(body))})
        self.wfile.write(body)

    def _send_headers(
        self,
        media_type: str,
        policy: str,
        status: HTTPStatus = HTTPStatus.OK,
        others: Mapping[str, str] = {},
    ) -> None:
        self.send_response(status)
        headers = {**_HEADERS, "Content-Type": media_type, "Content-Security-Policy": policy, **others}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Write no line for each request: the terminal is for the author."""
