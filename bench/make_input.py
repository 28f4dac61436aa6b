"""Make an invented learning platform of any size, and the events that issue its certificates.

    python bench/make_input.py FOLDER USERS [--batches N] [--users-per-event N]

writes FOLDER/lms.db (as `certbeam lms load` would) and FOLDER/events.jsonl. The template is the demo's, so that
its pictures, signatures and code are what real ones are.
"""

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import certbeam
from certbeam.io.adapters import load_learning

EXAMPLES = Path(certbeam.__file__).parent / "examples"
NAMES = ("Zoë Brightwater", "आशा कुलकर्णी", "கயல்விழி முருகன்", "లక్ష్మీ ప్రసన్న", "നിള മേനോൻ", "王 晓明", "سارة حداد")
ROWS_PER_LOAD = 50_000


def learners(users: int, batches: int) -> Iterator[tuple[str, str, str]]:
    """User id, course id and batch id of each learner; batches are filled one after another."""
    per_batch = -(-users // batches)
    for number in range(users):
        batch = number // per_batch
        yield f"user-{number:07}", f"do_{batch:05}", f"batch-{batch:05}"


def course_rows(batches: int, template: dict[str, Any]) -> dict[str, Any]:
    """The rows of all batches and their courses."""
    numbers = range(batches)
    return {
        "course_batch": [
            {
                "courseid": f"do_{number:05}",
                "batchid": f"batch-{number:05}",
                "cert_templates": {
                    f"template-{number:05}": {**template, "identifier": f"template-{number:05}"}
                },
            }
            for number in numbers
        ],
        "courses": [{"identifier": f"do_{number:05}", "name": f"Course {number}"} for number in numbers],
    }


def learner_rows(part: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The rows of some learners, all of whom have completed their course."""
    return {
        "users": [
            {"id": user, "firstName": NAMES[number % len(NAMES)], "lastName": "", "rootOrgId": "org-1"}
            for number, (user, _, _) in enumerate(part)
        ],
        "user_enrolments": [
            {
                "userid": user,
                "courseid": course,
                "batchid": batch,
                "active": True,
                "status": 2,
                "completedon": "2026-03-14T09:00:00Z",
            }
            for user, course, batch in part
        ],
    }


def events(everyone: Iterator[tuple[str, str, str]], users_per_event: int) -> Iterator[dict[str, Any]]:
    """Issue events, each for up to ``users_per_event`` learners of one batch."""
    for (course, batch), members in itertools.groupby(everyone, key=lambda one: one[1:]):
        while users := [user for user, _, _ in itertools.islice(members, users_per_event)]:
            yield {
                "eid": "BE_JOB_REQUEST",
                "ets": 1773500000000,
                "mid": f"LP.1773500000000.{users[0]}",
                "edata": {
                    "action": "issue-certificate",
                    "batchId": batch,
                    "courseId": course,
                    "userIds": users,
                },
            }


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("users", type=int)
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--users-per-event", type=int, default=1)
    arguments = parser.parse_args()
    make_input(arguments.folder, arguments.users, arguments.batches, arguments.users_per_event)


def make_input(folder: Path, users: int, batches: int, users_per_event: int) -> None:
    """Write ``lms.db`` and ``events.jsonl`` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    load_platform(folder, f"sqlite:{folder / 'lms.db'}", users, batches)
    with (folder / "events.jsonl").open("wb") as stream:
        for event in events(learners(users, batches), users_per_event):
            stream.write(orjson.dumps(event) + b"\n")


def load_platform(folder: Path, lms: str, users: int, batches: int) -> None:
    """Load all batches, courses, learners and enrolments behind an address, by way of a file in ``folder``."""
    demo = orjson.loads((EXAMPLES / "lms.json").read_bytes())
    template = next(
        template
        for batch in demo["course_batch"]
        for template in (batch["cert_templates"] or {}).values()
        if template["identifier"] == "tpl-reading-completion"
    )
    rows = folder / "rows.json"
    parts: Iterator[dict[str, Any]] = itertools.chain(
        [course_rows(batches, template)],
        map(learner_rows, iter_parts(learners(users, batches))),
    )
    for part in parts:
        rows.write_bytes(orjson.dumps(part))
        load_learning(rows, lms)
    rows.unlink()


def iter_parts(everyone: Iterator[tuple[str, str, str]]) -> Iterator[list[tuple[str, str, str]]]:
    """Cut the learners into loads that fit in memory."""
    while part := list(itertools.islice(everyone, ROWS_PER_LOAD)):
        yield part


if __name__ == "__main__":
    main()
