"""Beam's options on the command line."""

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
    """Parse Beam's options, and set them for Beam's file systems.

    Args:
        arguments: the arguments that certbeam does not know.
        known: the names of certbeam's own flags, to suggest one for a misspelt name.

    Raises:
        FlagError: if Beam cannot create the runner, or does not know an argument. Only arguments for the direct runner
            are checked: other runners have a job server with options of its own.
    """
    options = PipelineOptions(list(arguments))
    standard = options.view_as(StandardOptions)
    if standard.runner in _IN_PROCESS:
        _refuse_unknown(arguments, list(known))
        # Beam's DirectRunner first tries to download another runner, which needs a process of its own. Without it,
        # Beam uses this one, which is in Python.
        standard.runner = _DIRECT
    _check_runner(standard.runner)
    if options.view_as(TestOptions).dry_run and standard.runner != DATAFLOW:
        reason = (
            f"only --runner={DATAFLOW} has this flag: for another runner, use 'certbeam launch --dry-run'"
        )
        raise FlagError("dry_run", "True", reason)
    # Beam sets them only when it creates a pipeline, and inputs in buckets are checked before.
    FileSystems.set_options(options)
    return options


def _check_runner(name: str) -> None:
    try:
        create_runner(name)
        if name == DATAFLOW:
            import_module("google.cloud.dataflow")
    except (ImportError, ValueError, AttributeError) as error:
        raise FlagError(
            "runner", name, f"Beam cannot create this runner: check its name and its libraries ({error})"
        ) from error


def set_streaming(options: PipelineOptions, job: JobSettings) -> None:
    """Set Beam's streaming option if the job's input has no end.

    Raises:
        FlagError: if the runner is the direct runner, which never returns a result of such a job.
    """
    if not job.streaming:
        return
    standard = options.view_as(StandardOptions)
    if standard.runner == _DIRECT:
        reason = (
            "the direct runner cannot stream: add --max_num_records or --max_read_time, or another --runner"
        )
        raise FlagError(INPUT.flag, job.input.partition("?")[0], reason)
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
            raise FlagError("…", argument, "this argument belongs to no flag: see --help")
        raise FlagError(name, value, f"neither certbeam nor Beam has this flag: {hint}")


def _subclasses(options: type[PipelineOptions]) -> Iterable[type[PipelineOptions]]:
    for subclass in options.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
