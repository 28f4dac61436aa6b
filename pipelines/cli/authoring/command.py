"""``certbeam preview --serve``: open the page, and serve it until Ctrl-C."""

import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from certbeam.foundation.errors import Rejected
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.cli.authoring.server import PreviewServer
from certbeam.pipelines.cli.authoring.session import Session
from certbeam.pipelines.cli.authoring.values import read_values
from certbeam.pipelines.cli.authoring.watcher import watch
from certbeam.pipelines.cli.template_files import TemplateReader

_END_SECONDS = 2.0  # after which a template that is still being loaded is abandoned


def run_server(
    template: str,
    data: Path | None,
    allow: Sequence[str],
    networks: Sequence[str],
    *,
    port: int | None,
    opens_browser: bool,
) -> None:
    """Serve the page of a template until Ctrl-C.

    Args:
        template: a URL or a path.
        data: the file of ``--data``; None for no values.
        allow: values of ``--template_allow``.
        networks: values of ``--template_networks``.
        port: the port; None for any free port.
        opens_browser: True to open the page in the browser.

    Raises:
        FlagError: if a value cannot be used.
        click.ClickException: if the template cannot be read.
    """
    reader = TemplateReader(template, allow, networks)
    try:
        # An error that is no fault of the template's content ends the command; later ones are shown on the page.
        reader.read()
        read_values(data)
        session = Session(template, reader, data)
        with serve(session, port or 0) as url:
            click.echo(f"{template} is shown on {url} – stop with Ctrl-C")
            if opens_browser:
                webbrowser.open(url)
            threading.Event().wait()
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    except KeyboardInterrupt:
        click.echo("\nStopped")
    finally:
        reader.close()


@contextmanager
def serve(session: Session, port: int = 0) -> Iterator[str]:
    """Serve a page and reload its template after changes; yield the address, and close the session at the end.

    Args:
        session: the template.
        port: the port; 0 for any free port.

    Raises:
        FlagError: if the port is in use.
    """
    try:
        server = PreviewServer(session, port)
    except OSError as error:
        raise FlagError("port", str(port), f"{error.strerror}: choose another port") from error
    stopped = threading.Event()
    threads = (
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=watch, args=(session, stopped), daemon=True),
    )
    for thread in threads:
        thread.start()
    try:
        yield server.url
    finally:
        stopped.set()
        session.close()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(_END_SECONDS)
