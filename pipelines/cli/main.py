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

# A command's module is imported when it is called: Beam takes a second to load, and `certbeam --help` does not use it.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    ISSUE: (
        "certbeam.pipelines.cli.run_pipeline:issue",
        "Issue certificates from issue events, in one job.",
    ),
    ENRICH: (
        "certbeam.pipelines.cli.run_pipeline:enrich",
        "Write a generate event for each earned certificate.",
    ),
    GENERATE: (
        "certbeam.pipelines.cli.run_pipeline:generate",
        "Issue certificates from generate events.",
    ),
    "replay": ("certbeam.pipelines.cli.replay:replay", "Re-queue dead letters."),
    "preview": ("certbeam.pipelines.cli.preview:preview", "Draw a template with sample values."),
    "lint": ("certbeam.pipelines.cli.lint:lint", "Check templates for errors and warnings."),
    "verify": ("certbeam.pipelines.cli.verify:verify", "Verify certificates, online or offline."),
    "revoke": ("certbeam.pipelines.cli.revoke:revoke", "Revoke certificates."),
    "keys": ("certbeam.pipelines.cli.keys:keys", "Create and publish the issuer's keys."),
    "launch": (
        "certbeam.pipelines.cli.launch:launch",
        "Launch a pipeline from its flex-template specification.",
    ),
    "health": ("certbeam.pipelines.cli.health:health", "Check the jobs on a Flink cluster."),
    "workers": (
        "certbeam.pipelines.cli.workers:workers",
        "Run a pool of Beam workers beside a Flink task manager.",
    ),
    "lms": ("certbeam.pipelines.cli.lms:lms", "Load the learning platform's records."),
}


class _Commands(click.Group):
    """The group of all commands. It reports a ``FlagError`` of any command as a usage error."""

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
        # The process is certbeam's own. The modules of the command, and Beam, are imported after this line.
        tune_garbage_collection()
        configure_logging()
        try:
            return super().invoke(ctx)
        except FlagError as error:
            raise click.UsageError(str(error), self._command_context(ctx)) from error
        except Unavailable as error:
            raise click.ClickException(error.reason) from error

    def _command_context(self, ctx: click.Context) -> click.Context:
        """Return the context of the command that was invoked, whose usage and help an error shows."""
        name = ctx.invoked_subcommand
        command = self.get_command(ctx, name) if name else None
        return click.Context(command, info_name=name, parent=ctx) if command else ctx


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(certbeam.__version__, package_name="certbeam")
def main() -> None:
    """Issue certificates from a stream of issue-certificate events.

    The exit status is 0 for success, 1 if something was rejected or failed, and 2 for a usage error.
    """
