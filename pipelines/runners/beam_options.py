"""The part of the command line that is Beam's."""

import argparse
import difflib
from collections.abc import Iterable, Sequence
from importlib import import_module

from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions, TestOptions
from apache_beam.runners import create_runner

from certbeam.io.port_table import INPUT
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.job_settings import JobSettings
from certbeam.pipelines.runners.dataflow import RUNNER as DATAFLOW

_IN_PROCESS = (None, "DirectRunner")
_DIRECT = "FnApiRunner"


def beam_options(arguments: Sequence[str], *, known: Iterable[str]) -> PipelineOptions:
    """Beam's options, known to its file systems too; ``known`` are certbeam's own flags, for misspelt names.

    Raises:
        FlagError: for an argument that neither certbeam nor Beam reads. With a runner whose job server brings
            options of its own, unknown ones are left to it.
    """
    options = PipelineOptions(list(arguments))
    standard = options.view_as(StandardOptions)
    if standard.runner in _IN_PROCESS:
        _refuse_unknown(arguments, list(known))
        # What Beam calls the direct runner first tries to download another one, which runs in a process of
        # its own; this is the one in Python that it falls back on.
        standard.runner = _DIRECT
    _check_runner(standard.runner)
    if options.view_as(TestOptions).dry_run and standard.runner != DATAFLOW:
        raise FlagError(
            "dry_run", "True", f"only --runner={DATAFLOW} has it; 'certbeam launch --dry-run' has no need"
        )
    # Beam tells its file systems only when a pipeline is made, and inputs in buckets are looked into before.
    FileSystems.set_options(options)
    return options


def _check_runner(name: str) -> None:
    try:
        create_runner(name)
        if name == DATAFLOW:
            import_module("google.cloud.dataflow")
    except (ImportError, ValueError, AttributeError) as error:
        raise FlagError("runner", name, f"Beam cannot make this runner: {error}") from error


def set_streaming(options: PipelineOptions, job: JobSettings) -> None:
    """Tell Beam that a job whose input does not end is a streaming one.

    Raises:
        FlagError: for such a job on the direct runner, which would never show a result.
    """
    if not job.streaming:
        return
    standard = options.view_as(StandardOptions)
    if standard.runner == _DIRECT:
        remedy = "the direct runner reads a topic to an end; give --max_num_records or --max_read_time, or a --runner"
        raise FlagError(INPUT.flag, job.input.partition("?")[0], remedy)
    standard.streaming = True


def _refuse_unknown(arguments: Sequence[str], known: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for options in _subclasses(PipelineOptions):
        if "_add_argparse_args" in vars(options):
            options._add_argparse_args(parser)
    beam_names = [action.dest for action in parser._actions]
    for argument in parser.parse_known_args(list(arguments))[1]:
        name, _, value = argument.lstrip("-").partition("=")
        close = difflib.get_close_matches(name, [*known, *beam_names], n=1)
        hint = f"did you mean --{close[0]}?" if close else "see --help"
        if not argument.startswith("-"):
            raise FlagError("…", argument, "this argument belongs to no flag; see --help")
        raise FlagError(name, value, f"neither certbeam nor Beam has this flag; {hint}")


def _subclasses(options: type[PipelineOptions]) -> Iterable[type[PipelineOptions]]:
    for subclass in options.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
