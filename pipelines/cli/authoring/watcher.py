"""Reload of a template after it, a picture that it refers to, or the file of its values is saved."""

import logging
import threading

from certbeam.pipelines.cli.authoring.session import Session

_log = logging.getLogger(__name__)
_SECONDS = 0.3  # between two looks at the files


def watch(session: Session, stopped: threading.Event, seconds: float = _SECONDS) -> None:
    """Reload a template when its files have changed, until an event is set.

    A file that is still being written has another state at the next look, so two equal looks are needed.

    Args:
        session: the template.
        stopped: the event that ends this function.
        seconds: time between two looks at the files.
    """
    previous = None
    while not stopped.wait(seconds):
        changes = session.find_changes()
        if changes and changes == previous:
            _reload(session)
        previous = changes


def _reload(session: Session) -> None:
    try:
        session.reload()
    except Exception:  # the next change may be the fix
        _log.exception("%s cannot be loaded", session.name)
