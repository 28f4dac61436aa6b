"""``certbeam issue``, ``enrich`` and ``generate``: run a pipeline and tell what came of it."""

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
from certbeam.pipelines.config.flags import complete, flags_of
from certbeam.pipelines.config.job_settings import check_ports, job_settings
from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.pipelines.runners import dataflow, flink
from certbeam.pipelines.runners.beam_options import beam_options, set_streaming
from certbeam.pipelines.runners.run import make_job, run_pipeline, silence_threads

logger = logging.getLogger(__name__)

_ABOUT = {
    ISSUE: "Read issue-certificate events and issue every certificate that is earned, the whole way in one job.",
    ENRICH: "Read issue-certificate events and write a generate-certificate event for each certificate earned.",
    GENERATE: "Read generate-certificate events and make, store, register and record their certificates.",
}
_EPILOG = (
    "Flags that are not listed here go to Beam, such as --runner=FlinkRunner --flink_master=localhost:8081; without"
    " --runner the pipeline runs in this process (Beam's direct runner)."
)


class _GroupedCommand(click.Command):
    """A command whose flags are listed under the headings of :mod:`certbeam.pipelines.config.flags`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        headings = {flag.name: flag.group for flag in flags_of(self.name or "")}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record:
                groups.setdefault(headings.get(parameter.name or "", "Other"), []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def _pipeline_command(pipeline: str) -> click.Command:
    """The command of one pipeline, with its flags as options."""
    options: list[click.Parameter] = [
        click.Option(
            [f"--{flag.name}"],
            metavar=flag.metavar,
            help=_help(flag.help, flag.default),
            multiple=flag.repeated,
        )
        for flag in flags_of(pipeline)
    ]
    options += [
        click.Option(
            ["--config"],
            metavar="FILE",
            help="YAML file that holds any of these flags; the command line wins.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the summary as JSON."),
        click.Argument(["beam_arguments"], nargs=-1, type=click.UNPROCESSED),
    ]

    def callback(config: str | None, as_json: bool, beam_arguments: tuple[str, ...], **given: Any) -> None:
        click.get_current_context().exit(_run(pipeline, given, config, beam_arguments, as_json=as_json))

    return _GroupedCommand(
        pipeline,
        params=options,
        callback=callback,
        help=_ABOUT[pipeline],
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
    """Check everything, run, report; the exit status."""
    values = complete(pipeline, given, _read_config(config))
    configure_logging(log_format(values["log_format"]))
    settings = job_settings(pipeline, values)
    filled, settings = flink.fill_in(beam_arguments, settings)
    filled += dataflow.fill_in(beam_arguments, settings)
    arguments = [*beam_arguments, *(one.argument for one in filled)]
    options = beam_options(arguments, known=[flag.name for flag in flags_of(pipeline)])
    set_streaming(options, settings)
    if options.view_as(TestOptions).dry_run:
        click.echo("\n".join(make_job(settings, options)))
        return 0
    check_ports(settings)
    for flag, address in settings.sinks.items():
        prepare_sink(flag, address)
    for one in filled:
        logger.info("%s is filled in: %s", one.argument, one.why)
    if template := dataflow.template_location(options):
        click.echo("\n".join([*make_job(settings, options), f"The job of these steps is in {template}"]))
        return 0
    summary = run_pipeline(settings, options, progress=not as_json)
    if settings.streaming:
        # The job server ends with this process, and Beam's threads would report that it is gone.
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
        raise FlagError("config", file, "it must map flags to values, such as 'formats: json,svg'")
    return config


def _help(text: str, default: str | None) -> str:
    return f"{text} [default: {default}]" if default and "Default:" not in text else text


issue = _pipeline_command(ISSUE)
enrich = _pipeline_command(ENRICH)
generate = _pipeline_command(GENERATE)
