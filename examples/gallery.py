"""Write one HTML page that shows the certificates in a storage folder and the outcomes of a run.

Usage: python examples/gallery.py STORAGE_DIR OUTCOMES_DIR OUT.html
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

LIMIT = 1000
"""At most this many certificates are shown, so that the page of a large run still opens."""

OUTCOMES = {
    "issued": "made, stored, registered and recorded",
    "reissued": "made anew; the old one is revoked",
    "already-issued": "held before, so nothing was done",
    "not-eligible": "the learner has not earned it (yet)",
    "failed": "waits among the dead letters for a replay",
}
FORMATS = (".svg", ".png", ".pdf", ".json", ".vc.json")

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f4ef; --card: #fff; --ink: #1d2430; --soft: #5b6472; --line: #dcd7cc; --link: #0b5c7d;
  --issued: #1f6b4f; --reissued: #0b5c7d; --already-issued: #665a8c; --not-eligible: #8a5a0b;
  --failed: #a8322a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --card: #1e232b; --ink: #eceae4; --soft: #a7afbb; --line: #343b46; --link: #7cc7e6;
    --issued: #6cc9a1; --reissued: #7cc7e6; --already-issued: #b9acdf; --not-eligible: #e3b25c;
    --failed: #f08b80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 "Noto Sans", system-ui, -apple-system, "Segoe UI", sans-serif;
}
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 3rem); }
header { padding-top: clamp(2rem, 6vw, 4rem); }
h1, h2 { font-family: "Noto Serif", Georgia, serif; font-weight: 500; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 3.25rem); margin: 0 0 .5rem; }
h2 { font-size: 1.5rem; margin: 0; }
header p, .count { color: var(--soft); margin: 0; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; }
section { margin: clamp(2rem, 5vw, 3.5rem) 0; }
.tally {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem;
  padding: 0; margin: 0;
}
.tally li {
  list-style: none; background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--tint);
  border-radius: .5rem; padding: 1rem 1.25rem;
}
.tally b { display: block; font: 500 2.25rem/1.1 "Noto Serif", Georgia, serif; }
.tally strong { color: var(--tint); }
.tally span { display: block; color: var(--soft); font-size: .875rem; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; }
article {
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden;
  display: flex; flex-direction: column; transition: box-shadow .2s;
}
article:hover, article:focus-within { box-shadow: 0 .5rem 1.5rem rgb(0 0 0 / .16); }
.sheet { display: block; background: #fff; aspect-ratio: 1.4142; border-bottom: 1px solid var(--line); }
.sheet img { display: block; width: 100%; height: 100%; object-fit: contain; }
.none { display: grid; place-items: center; height: 100%; color: #5b6472; }
.caption { padding: .875rem 1rem 1rem; display: flex; flex-direction: column; gap: .25rem; flex: 1; }
h3 { font-size: 1.125rem; line-height: 1.4; margin: 0; overflow-wrap: anywhere; }
.caption p { margin: 0; color: var(--soft); font-size: .875rem; }
.caption ul {
  display: flex; flex-wrap: wrap; gap: .25rem .875rem; padding: 0; margin: auto 0 0; font-size: .875rem;
}
.caption ul li { list-style: none; }
.mark { color: var(--tint); font-weight: 600; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: .5rem 1rem; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-size: .875rem; font-weight: 500; }
tbody th { white-space: nowrap; color: var(--tint); font-weight: 600; }
td:last-child, th:last-child { text-align: end; font-variant-numeric: tabular-nums; }
td { overflow-wrap: anywhere; }
caption { text-align: start; padding: .75rem 1rem; color: var(--soft); }
footer { padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
@media (prefers-reduced-motion: reduce) { article { transition: none; } }
@media print { article { break-inside: avoid; } .skip { display: none; } }
"""


@dataclass(frozen=True)
class Certificate:
    """What the page says of one certificate."""

    id: str
    tag: str
    learner: str
    course: str
    name: str
    issuer: str
    issued_on: str
    revoked: bool
    stem: Path


def read_certificates(storage: Path) -> list[Certificate]:
    """Read every Open Badges 2.0 assertion `<tag>/<id>.json`, ordered by course, tag, name and learner."""
    found = []
    for path in storage.glob("*/*.json"):
        if path.name.endswith(".vc.json"):
            continue
        assertion = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(assertion, dict) and "Assertion" in assertion.get("type", ()):
            found.append(_certificate(path, assertion))
    return sorted(found, key=lambda c: (c.course, c.tag, c.name, c.learner, c.id))


def _certificate(path: Path, assertion: Mapping[str, Any]) -> Certificate:
    badge = assertion.get("badge") or {}
    title = str(badge.get("name") or "")
    return Certificate(
        id=path.stem,
        tag=path.parent.name,
        learner=str((assertion.get("recipient") or {}).get("name") or "A learner"),
        course=str((assertion.get("evidence") or {}).get("name") or title or "No course"),
        name=str((badge.get("criteria") or {}).get("narrative") or title),
        issuer=str((badge.get("issuer") or {}).get("name") or ""),
        issued_on=str(assertion.get("issuedOn") or "")[:10],
        revoked=bool(assertion.get("revoked")),
        stem=path.with_suffix(""),
    )


def read_outcomes(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the outcome lines of every `*.jsonl` file of a folder."""
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def outcome_by_certificate(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Map certificate id to its outcome; where an event came twice, the one that made it wins."""
    rank = list(OUTCOMES)
    best: dict[str, str] = {}
    for line in outcomes:
        identifier, outcome = line.get("certificateId"), line.get("outcome")
        if identifier and outcome in OUTCOMES:
            held = best.get(identifier, outcome)
            best[identifier] = min(held, outcome, key=rank.index)
    return best


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it must be."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def tint(outcome: str) -> str:
    """Return the attribute that gives an element the colour of an outcome."""
    return f'style="--tint: var(--{outcome if outcome in OUTCOMES else "soft"})"'


def tally(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Show how many outcomes of each kind there are."""
    counts = Counter(str(line.get("outcome")) for line in outcomes)
    tiles = (
        f"<li {tint(kind)}><b>{counts[kind]:,}</b> <strong>{kind}</strong> <span>{meaning}</span></li>"
        for kind, meaning in OUTCOMES.items()
    )
    return f'<ul class="tally">{"".join(tiles)}</ul>'


def reasons(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Show the outcomes counted by their reason."""
    rank = {kind: place for place, kind in enumerate(OUTCOMES)}
    counts = Counter((str(line.get("outcome")), str(line.get("reason") or "–")) for line in outcomes)
    ordered = sorted(counts.items(), key=lambda row: (rank.get(row[0][0], len(rank)), -row[1], row[0][1]))
    rows = (
        f'<tr><th scope="row" {tint(outcome)}>{escape(outcome)}</th>'
        f'<td dir="auto">{escape(reason)}</td><td>{count:,}</td></tr>'
        for (outcome, reason), count in ordered
    )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Outcomes by reason"><table>'
        "<caption>One outcome for each event, learner and template</caption>"
        '<thead><tr><th scope="col">Outcome</th><th scope="col">Reason</th><th scope="col">Count</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def card(certificate: Certificate, outcome: str | None, page_folder: Path) -> str:
    """Show one certificate: the sheet, whose it is, and its files."""

    def link(suffix: str) -> str:
        return escape(quote(Path(os.path.relpath(f"{certificate.stem}{suffix}", page_folder)).as_posix()))

    files = [suffix for suffix in FORMATS if Path(f"{certificate.stem}{suffix}").exists()]
    learner, name = escape(certificate.learner), escape(certificate.name)
    day = escape(certificate.issued_on)
    sheet = '<div class="sheet"><span class="none">No printable version</span></div>'
    if ".svg" in files:
        alt = f"{name} of {learner}"
        sheet = (
            f'<a class="sheet" href="{link(".svg")}" tabindex="-1">'
            f'<img src="{link(".svg")}" alt="{alt}" loading="lazy" decoding="async"></a>'
        )
    state = "revoked" if certificate.revoked else outcome
    mark = f' · <span class="mark" {tint(state)}>{escape(state)}</span>' if state else ""
    items = "".join(
        f'<li><a href="{link(suffix)}" aria-label="{suffix[1:]}, {name} of {learner}">{suffix[1:]}</a></li>'
        for suffix in files
    )
    return (
        f'<article>{sheet}<div class="caption"><h3 dir="auto">{learner}</h3>'
        f"<p>{name}</p><p>{escape(certificate.issuer)}</p>"
        f'<p><time datetime="{day}">{day}</time>{mark}</p>'
        f"<ul>{items}</ul></div></article>"
    )


def courses(certificates: Sequence[Certificate], outcomes: Mapping[str, str], page_folder: Path) -> str:
    """Show the certificates, one section for each course, the largest first."""
    groups = {course: list(group) for course, group in groupby(certificates, key=lambda c: c.course)}
    parts = []
    for course in sorted(groups, key=lambda name: -len(groups[name])):
        cards = [card(c, outcomes.get(c.id), page_folder) for c in groups[course]]
        parts.append(
            f'<section><div class="head"><h2 dir="auto">{escape(course)}</h2>'
            f'<p class="count">{counted(len(cards), "certificate")}</p></div>'
            f'<div class="grid">{"".join(cards)}</div></section>'
        )
    return "".join(parts)


def page(storage: Path, outcomes_folder: Path, page_folder: Path) -> str:
    """Return the whole page, with links relative to the folder that it will stand in."""
    certificates = read_certificates(storage)
    outcomes = list(read_outcomes(outcomes_folder))
    shown = courses(certificates[:LIMIT], outcome_by_certificate(outcomes), page_folder)
    more = len(certificates) - LIMIT
    rest = f"<p>and {counted(more, 'more certificate')} in storage</p>" if more > 0 else ""
    title = counted(len(certificates), "certificate")
    learners = counted(len({c.learner for c in certificates}), "learner")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#certificates">To the certificates</a>
<header>
<h1>{title}, {learners}</h1>
<p>The certificates of a run of certbeam, as they are in the storage.</p>
</header>
<main>
<section aria-label="Outcomes">{tally(outcomes)}</section>
<div id="certificates">{shown}{rest}</div>
<section aria-labelledby="why">
<div class="head"><h2 id="why">Why, and how often</h2></div>
{reasons(outcomes)}
</section>
</main>
<footer>Every certificate carries a code that leads to its assertion.</footer>
</body>
</html>
"""


def main(argv: Sequence[str]) -> int:
    """Write the page and return the exit status."""
    if len(argv) != 3:
        sys.stderr.write(f"{__doc__}")
        return 2
    storage, outcomes, out = (Path(argument).resolve() for argument in argv)
    for folder in (storage, outcomes):
        if not folder.is_dir():
            sys.stderr.write(f"{folder} is not a folder\n")
            return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(storage, outcomes, out.parent), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
