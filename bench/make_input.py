"""Make the records of an invented learning platform of any size, and the events that issue its certificates.

    python -m certbeam.bench.make_input FOLDER USERS [--batches N] [--users-per-event N] [--templates N] [--mixed]

It writes FOLDER/lms.db, as `certbeam lms load` does, and FOLDER/events.jsonl. The template is the demo's, which has
pictures, signatures and a QR code. With --template or more than one of --templates, the templates are in
FOLDER/assets, and `certbeam issue` needs --template_allow FOLDER/assets.
"""

import argparse
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

import certbeam
from certbeam.io.port_table import LEARNING_TABLES

EXAMPLES = Path(certbeam.__file__).parent / "examples"
ASSETS = "assets"
NAMES = (
    (
        "Zoë Amara Tomás Ingrid Chidi Łucja Søren Noémie Emre Ama João Siobhán",
        "Brightwater Okonkwo Quintaval Þorvaldsson Nguyễn Kowalczyk Østergaard Lefèvre Yılmaz Mensah Gonçalves Ní",
    ),
    (
        "आशा प्रिया श्रीकांत संजय ज्योति लक्ष्मण कृष्णा अर्जुन विद्या सुनीता राजेंद्र मीनाक्षी",
        "कुलकर्णी शर्मा त्रिपाठी देशमुख चतुर्वेदी जोशी वर्मा पाटिल मिश्रा गुप्ता अग्रवाल क्षीरसागर",
    ),
    (
        "கயல்விழி முருகன் லட்சுமி செந்தில் பிரியா அருண் தமிழ்ச்செல்வி கார்த்திக் மீனா வள்ளி சுதா ராஜேந்திரன்",
        "முருகன் சுந்தரம் ராமசாமி பாண்டியன் கிருஷ்ணன் வேலுச்சாமி நடராஜன் செல்வராஜ் பழனிசாமி குமார் தங்கவேல் மணி",
    ),
    (
        "లక్ష్మీ శ్రీనివాస్ ప్రియాంక వెంకట్ సుబ్బారావు అనూష కృష్ణవేణి రాజేశ్వరి నాగార్జున స్వాతి విజయ్ పద్మావతి",
        "ప్రసన్న రెడ్డి నాయుడు చౌదరి శర్మ గుప్త వర్మ రావు మూర్తి శాస్త్రి కుమార్ లక్కరాజు",
    ),
    (
        "നിള ശ്രീജ അനന്തു ലക്ഷ്മി വിഷ്ണു രാധിക കൃഷ്ണൻ മീര സുരേഷ് ദിവ്യ ഗോപാലൻ പാർവതി",
        "മേനോൻ നായർ പിള്ള വർമ്മ നമ്പൂതിരി കുറുപ്പ് പണിക്കർ വാര്യർ തമ്പി ഉണ്ണി കുമാർ മാരാർ",
    ),
    ("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙", "晓明 丽华 建国 秀英 志强 海燕 文博 雪梅 子涵 玉兰 俊杰 思远"),
    (
        "سارة محمد فاطمة أحمد ليلى يوسف مريم عمر زينب خالد نور إبراهيم",
        "حداد المصري الخطيب الشامي العلي النجار السيد منصور الحسن بكري قباني الزهراني",
    ),
)
"""First parts and second parts of names of people, in seven scripts."""

ROWS_PER_LOAD = 50_000


@dataclass(frozen=True)
class Shape:
    """Size of a platform, and order of its events.

    Attributes:
        users: the number of learners. Each is in one batch and has completed the course.
        batches: the number of batches.
        users_per_event: the number of learners of one batch in an event.
        templates: the number of templates, which the batches use in turn.
        mixed: True for events of all batches in turn, as on busy topics; False for one batch after the other.
        template: the file of a template; an empty string for the demo's.
    """

    users: int
    batches: int = 10
    users_per_event: int = 1
    templates: int = 1
    mixed: bool = False
    template: str = ""

    @property
    def has_assets(self) -> bool:
        """Return True if the templates are not the demo's own."""
        return self.templates > 1 or bool(self.template)

    def learners(self) -> Iterator[tuple[str, str, str]]:
        """Return the user id, course id and batch id of each learner."""
        per_batch = -(-self.users // self.batches)
        for number in range(self.users):
            batch = number // self.users_per_event % self.batches if self.mixed else number // per_batch
            yield f"user-{number:07}", f"do_{batch:05}", f"batch-{batch:05}"

    def events(self) -> Iterator[dict[str, Any]]:
        """Return the issue events, each of up to ``users_per_event`` learners of one batch."""
        for (course, batch), members in itertools.groupby(self.learners(), key=lambda learner: learner[1:]):
            while users := [user for user, _, _ in itertools.islice(members, self.users_per_event)]:
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


def make_input(folder: Path, shape: Shape) -> None:
    """Write ``lms.db`` and ``events.jsonl`` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    load_platform(folder, f"sqlite:{folder / 'lms.db'}", shape)
    with (folder / "events.jsonl").open("wb") as stream:
        for event in shape.events():
            stream.write(orjson.dumps(event) + b"\n")


def load_platform(folder: Path, lms: str, shape: Shape) -> None:
    """Load all batches, courses, learners and enrolments into a database.

    Args:
        folder: for a temporary file and for the templates.
        lms: the address of the database.
        shape: the size of the platform.
    """
    rows = folder / "rows.json"
    courses = course_rows(shape.batches, template_rows(folder, shape))
    for part in itertools.chain([courses], map(learner_rows, iter_parts(shape.learners()))):
        rows.write_bytes(orjson.dumps(part))
        LEARNING_TABLES.open(lms)(rows)
    rows.unlink()


def template_rows(folder: Path, shape: Shape) -> list[dict[str, Any]]:
    """Return the templates as rows of batches. Write their files if they are not the demo's own."""
    demo = orjson.loads((EXAMPLES / "lms.json").read_bytes())
    row = next(
        template
        for batch in demo["course_batch"]
        for template in (batch["cert_templates"] or {}).values()
        if template["identifier"] == "tpl-reading-completion"
    )
    if not shape.has_assets:
        return [row]
    source = Path(shape.template) if shape.template else EXAMPLES / row["url"]
    urls = [f"templates/{number:03}.svg" for number in range(shape.templates)]
    write_templates(folder / ASSETS, source.read_bytes(), urls)
    return [{**row, "url": url} for url in urls]


def write_templates(assets: Path, svg: bytes, names: list[str]) -> None:
    """Write templates that differ in one line, and the pictures of their signatures."""
    (assets / "templates").mkdir(parents=True, exist_ok=True)
    shutil.copytree(EXAMPLES / "signatures", assets / "signatures", dirs_exist_ok=True)
    body, end, _ = svg.rpartition(b"</svg>")
    for name in names:
        (assets / name).write_bytes(body + f"<desc>{name}</desc>".encode() + end)


def course_rows(batches: int, templates: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rows of all batches and their courses."""
    numbered = list(zip(range(batches), itertools.cycle(templates), strict=False))
    return {
        "course_batch": [
            {
                "courseid": f"do_{number:05}",
                "batchid": f"batch-{number:05}",
                "cert_templates": {
                    f"template-{number:05}": {**template, "identifier": f"template-{number:05}"}
                },
            }
            for number, template in numbered
        ],
        "courses": [{"identifier": f"do_{number:05}", "name": f"Course {number}"} for number, _ in numbered],
    }


def learner_name(number: int) -> str:
    """Return the name of a learner. It repeats after more than a thousand learners, too late for a cache of names."""
    turn, script = divmod(number, len(NAMES))
    first, second = (words.split() for words in NAMES[script])
    return f"{first[turn % len(first)]} {second[turn // len(first) % len(second)]}"


def learner_rows(part: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Return the rows of some learners, who have completed their course."""
    return {
        "users": [
            {"id": user, "firstName": learner_name(number), "lastName": "", "rootOrgId": "org-1"}
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


def iter_parts(learners: Iterator[tuple[str, str, str]]) -> Iterator[list[tuple[str, str, str]]]:
    """Split the learners into parts that fit in memory."""
    while part := list(itertools.islice(learners, ROWS_PER_LOAD)):
        yield part


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("users", type=int)
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--users-per-event", type=int, default=1)
    parser.add_argument(
        "--templates", type=int, default=1, help="number of templates, which the batches use in turn"
    )
    parser.add_argument("--mixed", action="store_true", help="events of all batches in turn")
    parser.add_argument("--template", default="", metavar="FILE", help="instead of the demo's")
    arguments = vars(parser.parse_args())
    make_input(arguments.pop("folder"), Shape(**arguments))


if __name__ == "__main__":
    main()
