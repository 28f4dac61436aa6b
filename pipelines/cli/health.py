"""``certbeam health``: whether a streaming job on Flink runs and gets its checkpoints done, for probes and alarms."""

import time
from dataclasses import dataclass
from typing import Any

import click
import httpx
import orjson

_ENDED = ("FINISHED", "CANCELED", "FAILED")


@dataclass(frozen=True)
class Health:
    """What the JobManager says of a job.

    Attributes:
        checkpoint_age: seconds since the last completed checkpoint; None before the first.
    """

    job: str
    state: str
    checkpoint_age: float | None

    def fault(self, max_age: float) -> str:
        """What is wrong; "" when nothing is."""
        if self.state != "RUNNING":
            return f"the job is {self.state}"
        if self.checkpoint_age is None:
            return "no checkpoint is completed yet"
        if self.checkpoint_age > max_age:
            return f"the last checkpoint is {self.checkpoint_age:.0f} s old"
        return ""


def read_health(address: str) -> list[Health]:
    """The health of each job that has not ended.

    Raises:
        httpx.HTTPError: when the JobManager does not answer.
    """
    found = []
    with httpx.Client(base_url=address, timeout=5) as client:
        for job in _json(client, "/jobs/overview")["jobs"]:
            if job["state"] not in _ENDED:
                latest = _json(client, f"/jobs/{job['jid']}/checkpoints")["latest"]["completed"]
                age = time.time() - latest["latest_ack_timestamp"] / 1000 if latest else None
                found.append(Health(job["jid"], job["state"], age))
    return found


@click.command()
@click.option("--flink_master", metavar="HOST:PORT", required=True, help="The JobManager.")
@click.option(
    "--max_checkpoint_age",
    metavar="SECONDS",
    type=float,
    default=120.0,
    show_default=True,
    help="How old the last completed checkpoint may be.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def health(context: click.Context, flink_master: str, max_checkpoint_age: float, as_json: bool) -> None:
    """Say whether the jobs on Flink are well: exit status 0 if there is one and all run, else 1."""
    address = flink_master if "://" in flink_master else f"http://{flink_master}"
    try:
        jobs = read_health(address)
        faults = {one.job: one.fault(max_checkpoint_age) for one in jobs} or {"": "there is no job"}
    except httpx.HTTPError as error:
        faults = {"": f"the JobManager does not answer: {type(error).__name__}"}
    if as_json:
        click.echo(
            orjson.dumps([{"job": job or None, "fault": fault or None} for job, fault in faults.items()])
        )
    else:
        for job, fault in faults.items():
            click.echo(f"{job} {fault or 'is well'}".strip())
    context.exit(1 if any(faults.values()) else 0)


def _json(client: httpx.Client, path: str) -> Any:
    return client.get(path).raise_for_status().json()
