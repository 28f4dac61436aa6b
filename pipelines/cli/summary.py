"""Summary of a run, as tables or as JSON."""

import orjson
from rich.console import Console
from rich.table import Table

from certbeam.io.port_table import DEAD_LETTERS, LARGE_MESSAGES, OUTCOMES
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.pipelines.runners.run import Summary


def print_summary(summary: Summary, settings: JobSettings, *, as_json: bool) -> None:
    """Print the summary of a run to standard output."""
    if as_json:
        print(summary_json(summary).decode())  # noqa: T201 - the command's output
        return
    console = Console(highlight=False)
    if not summary.counters:
        # Flink does not report the counters of a stopped job.
        console.print(
            f"Stopped after {summary.seconds:.1f} s; the outcomes are in {settings.sinks[OUTCOMES.flag]}."
        )
        return
    console.print(_outcome_table(summary))
    if summary.rejected:
        console.print(_dead_letter_table(summary))
        console.print(
            f"Dead letters are in {settings.sinks[DEAD_LETTERS.flag]}; fix the cause, then run: certbeam replay"
        )
    if cut := summary.counters["large-letter:cut"]:
        address = settings.worker.address(LARGE_MESSAGES)
        console.print(f"{cut:,} of them refer to large events in {address}.")
    read = summary.counters["events:read"]
    console.print(f"{read:,} events read in {summary.seconds:.1f} s.")


def summary_json(summary: Summary) -> bytes:
    """Return the summary as a line of JSON: counts of outcomes, of reasons, and of dead letters by code."""
    return orjson.dumps(
        {
            "events": summary.counters["events:read"],
            "outcomes": summary.counted("outcome"),
            "notEligible": summary.counted("not-eligible"),
            "deadLetters": summary.counted("dead-letter"),
            "bytesStored": summary.counters["bytes:stored"],
            "seconds": round(summary.seconds, 3),
        }
    )


def _outcome_table(summary: Summary) -> Table:
    table = Table(title="Outcomes", title_justify="left")
    table.add_column("outcome")
    table.add_column("reason")
    table.add_column("count", justify="right")
    reasons = summary.counted("not-eligible")
    for verdict, count in summary.counted("outcome").items():
        table.add_row(verdict, "", f"{count:,}")
        if verdict == "not-eligible":
            for reason, part in reasons.items():
                table.add_row("", reason, f"{part:,}", style="dim")
    return table


def _dead_letter_table(summary: Summary) -> Table:
    table = Table(title="Dead letters", title_justify="left")
    table.add_column("error code")
    table.add_column("count", justify="right")
    for code, count in summary.counted("dead-letter").items():
        table.add_row(code, f"{count:,}")
    return table
