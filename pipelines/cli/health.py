"""``certbeam health``: check that streaming jobs on Flink run and complete checkpoints, for probes and alerts."""

import time
from dataclasses import dataclass
from typing import Any

import click
import httpx
import orjson

_ENDED = ("FINISHED", "CANCELED", "FAILED")


@dataclass(frozen=True)
class Health:
    """State of a job as the JobManager reports it.

    Attributes:
        job: the job's id.
        state: the job's state, such as ``RUNNING``.
        checkpoint_age: seconds since the last completed checkpoint; None before the first one.
    """

    job: str
    state: str
    checkpoint_age: float | None

    def fault(self, max_age: float) -> str:
        """Return what is wrong with the job; an empty string if nothing is."""
        if self.state != "RUNNING":
            return f"the job is {self.state}"
        if self.checkpoint_age is None:
            return "no checkpoint is completed yet"
        if self.checkpoint_age > max_age:
            return f"the last checkpoint is {self.checkpoint_age:.0f} s old"
        return ""


def read_health(address: str) -> list[Health]:
    """Read the health of each job that has not ended.

    Args:
        address: the URL of the JobManager's REST API.

    Raises:
        httpx.HTTPError: if the JobManager does not answer.
    """
    jobs = []
    with httpx.Client(base_url=address, timeout=5) as client:
        for job in _json(client, "/jobs/overview")["jobs"]:
            if job["state"] not in _ENDED:
                latest = _json(client, f"/jobs/{job['jid']}/checkpoints")["latest"]["completed"]
                age = time.time() - latest["latest_ack_timestamp"] / 1000 if latest else None
                jobs.append(Health(job["jid"], job["state"], age))
    return jobs


@click.command()
@click.option(
    "--flink_master", metavar="HOST:PORT", required=True, help="Address of the JobManager's REST API."
)
@click.option(
    "--max_checkpoint_age",
    metavar="SECONDS",
    type=float,
    default=120.0,
    show_default=True,
    help="Maximum age of the last completed checkpoint, in seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def health(context: click.Context, flink_master: str, max_checkpoint_age: float, as_json: bool) -> None:
    """Check that there is a job on a Flink cluster, and that each job runs and completes checkpoints.

    The exit status is 0 if this is so, otherwise 1.
    """
    address = flink_master if "://" in flink_master else f"http://{flink_master}"
    try:
        jobs = read_health(address)
        faults = {state.job: state.fault(max_checkpoint_age) for state in jobs} or {"": "there is no job"}
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
