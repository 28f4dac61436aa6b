"""The command line: ``certbeam COMMAND``."""

import importlib
from collections.abc import Mapping

import click

import certbeam
from certbeam.foundation.errors import Unavailable
from certbeam.io.port import ENRICH, GENERATE, ISSUE
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.logs import configure_logging
from certbeam.stages.garbage_collection import tune_garbage_collection

# Imported only when asked for: Beam takes a second to load, and `certbeam --help` has no need of it.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    ISSUE: (
        "certbeam.pipelines.cli.run_pipeline:issue",
        "Issue events to registered certificates, the whole way.",
    ),
    ENRICH: (
        "certbeam.pipelines.cli.run_pipeline:enrich",
        "Issue events to generate events: find who earned what.",
    ),
    GENERATE: (
        "certbeam.pipelines.cli.run_pipeline:generate",
        "Generate events to registered certificates.",
    ),
    "replay": ("certbeam.pipelines.cli.replay:replay", "Re-queue dead letters."),
    "preview": ("certbeam.pipelines.cli.preview:preview", "Draw what will come out of a template."),
    "lint": ("certbeam.pipelines.cli.lint:lint", "Say what is wrong with templates."),
    "verify": ("certbeam.pipelines.cli.verify:verify", "Verify certificates, online or offline."),
    "revoke": ("certbeam.pipelines.cli.revoke:revoke", "Take a certificate back."),
    "keys": ("certbeam.pipelines.cli.keys:keys", "Make and publish the issuer's keys."),
    "launch": (
        "certbeam.pipelines.cli.launch:launch",
        "Launch a pipeline from its flex-template specification.",
    ),
    "health": ("certbeam.pipelines.cli.health:health", "Say whether the jobs on Flink are well."),
    "workers": (
        "certbeam.pipelines.cli.workers:workers",
        "Run a pool of Beam workers beside a task manager of Flink.",
    ),
    "lms": ("certbeam.pipelines.cli.lms:lms", "Load the learning platform's records."),
}


class _Commands(click.Group):
    """The group of all commands; a flag that cannot be used is a usage error, whichever command finds it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        # This process is certbeam's own; a command's modules, Beam's among them, are imported behind this line.
        tune_garbage_collection()
        configure_logging()
        try:
            return super().invoke(ctx)
        except FlagError as error:
            raise click.UsageError(str(error), ctx) from error
        except Unavailable as error:
            raise click.ClickException(error.reason) from error


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(certbeam.__version__, package_name="certbeam")
def main() -> None:
    """Issue certificates from a stream of issue-certificate events.

    Exit status: 0 done, 1 something was rejected, 2 the command was not understood.
    """
