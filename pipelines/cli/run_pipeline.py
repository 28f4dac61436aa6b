"""``certbeam issue``, ``enrich`` and ``generate``: run a pipeline and print its summary."""

import logging
from pathlib import Path
from typing import Any

import click
import yaml
from apache_beam.options.pipeline_options import TestOptions

from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.port import ENRICH, GENERATE, ISSUE
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.cli.summary import print_summary
from certbeam.pipelines.config.flags import SUMMARIES, Flag, complete, flags_of
from certbeam.pipelines.config.job_settings import check_ports, job_settings
from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.pipelines.runners import dataflow, flink
from certbeam.pipelines.runners.beam_options import beam_options, set_streaming
from certbeam.pipelines.runners.run import make_job, run_pipeline, silence_threads

logger = logging.getLogger(__name__)

_EPILOG = (
    "All other flags are passed to Beam, such as --runner=FlinkRunner --flink_master=localhost:8081. Without --runner,"
    " the pipeline runs in this process, on Beam's direct runner."
)


class FlagOption(click.Option):
    """The option of a pipeline's flag.

    click has no default for it, because the config file comes before the default. So click cannot know that the flag is
    required either.
    """

    def __init__(self, flag: Flag) -> None:
        super().__init__([f"--{flag.name}"], metavar=flag.metavar, help=flag.help, multiple=flag.repeated)
        self._flag = flag

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what the help text says after the description, unless the description has the default."""
        extra = super().get_help_extra(ctx)
        if "Default:" not in self._flag.help:
            if self._flag.default:
                extra["default"] = self._flag.default
            elif self._flag.required:
                extra["required"] = "required"
        return extra


class PipelineCommand(click.Command):
    """The command of a pipeline, whose help lists the flags by their groups."""

    def groups(self, ctx: click.Context) -> dict[str, list[click.Option]]:
        """Return the options by the heading of their group."""
        groups: dict[str, list[click.Option]] = {}
        headings = {flag.name: flag.group for flag in flags_of(self.name or "")}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option):
                groups.setdefault(headings.get(parameter.name or "", "Other"), []).append(parameter)
        return groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group."""
        for heading, options in self.groups(ctx).items():
            with formatter.section(heading):
                formatter.write_dl(filter(None, (option.get_help_record(ctx) for option in options)))


def _pipeline_command(pipeline: str) -> click.Command:
    """Return the command of a pipeline, with its flags as options."""
    options: list[click.Parameter] = [FlagOption(flag) for flag in flags_of(pipeline)]
    options += [
        click.Option(
            ["--config"],
            metavar="FILE",
            help="YAML file with values of these flags. The command line overrides it.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the summary as JSON."),
        click.Argument(["beam_arguments"], nargs=-1, type=click.UNPROCESSED),
    ]

    def callback(config: str | None, as_json: bool, beam_arguments: tuple[str, ...], **given: Any) -> None:
        click.get_current_context().exit(_run(pipeline, given, config, beam_arguments, as_json=as_json))

    return PipelineCommand(
        pipeline,
        params=options,
        callback=callback,
        help=SUMMARIES[pipeline],
        epilog=_EPILOG,
        options_metavar="[FLAGS]",
        context_settings={
            "ignore_unknown_options": True,
            "help_option_names": ["-h", "--help"],
            "max_content_width": 110,
        },
    )


def _run(
    pipeline: str,
    given: dict[str, Any],
    config: str | None,
    beam_arguments: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """Check the flags, run the pipeline, print its summary, and return the exit status."""
    values = complete(pipeline, given, _read_config(config))
    configure_logging(log_format(values["log_format"]))
    settings = job_settings(pipeline, values)
    added, settings = flink.add_options(beam_arguments, settings)
    added += dataflow.add_options(beam_arguments, settings)
    arguments = [*beam_arguments, *(option.argument for option in added)]
    options = beam_options(arguments, known=[flag.name for flag in flags_of(pipeline)])
    set_streaming(options, settings)
    if options.view_as(TestOptions).dry_run:
        click.echo("\n".join(make_job(settings, options)))
        return 0
    check_ports(settings)
    for flag, address in settings.sinks.items():
        prepare_sink(flag, address)
    for option in added:
        logger.info("%s is added: %s", option.argument, option.reason)
    if template := dataflow.template_location(options):
        click.echo("\n".join([*make_job(settings, options), f"The job of these steps is in {template}"]))
        return 0
    summary = run_pipeline(settings, options, progress=not as_json)
    if settings.streaming:
        # The job server ends with this process, and Beam's threads would log that their connection is closed.
        silence_threads()
    print_summary(summary, settings, as_json=as_json)
    return 1 if summary.rejected else 0


def _read_config(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        config = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FlagError("config", file, f"it cannot be read: {error}") from error
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise FlagError(
            "config", file, "it is not a mapping of flags to values: write lines such as 'formats: json,svg'"
        )
    return config


issue = _pipeline_command(ISSUE)
enrich = _pipeline_command(ENRICH)
generate = _pipeline_command(GENERATE)
