"""``certbeam launch``: launch a pipeline from its flex-template specification, on any runner."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import yaml

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.pipelines.config.flags import FLAGS
from certbeam.pipelines.config.flex_template import check_parameters, read_template, split_parameters


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("template", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--parameters",
    metavar="NAME=VALUE[,…]",
    multiple=True,
    help="Parameters of the pipeline. Repeatable. Separate the values of a repeatable parameter by ';'.",
)
@click.option(
    "--parameters-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON file of parameters. --parameters overrides it.",
)
@click.option("--dry-run", is_flag=True, help="Print the pipeline's command instead of running it.")
@click.argument("beam_arguments", nargs=-1, type=click.UNPROCESSED)
def launch(
    template: Path,
    parameters: tuple[str, ...],
    parameters_file: Path | None,
    dry_run: bool,
    beam_arguments: tuple[str, ...],
) -> None:
    """Launch the pipeline of TEMPLATE, the file of a flex-template specification.

    The parameters are checked first, as Dataflow does. All other flags are passed to Beam, such as
    --runner=FlinkRunner.
    """
    try:
        pipeline, specified = read_template(template)
        given = _read_parameters(parameters, parameters_file)
    except Rejected as error:
        raise click.UsageError(error.reason) from error
    faults = check_parameters(given, specified)
    if faults:
        raise click.UsageError("the template parameters are invalid:\n  " + "\n  ".join(faults))
    arguments = launch_arguments(given, beam_arguments)
    if dry_run:
        click.echo(shlex.join(["certbeam", pipeline, *arguments]))
        return
    # The group of all commands, which imports this module.
    certbeam = click.get_current_context().find_root().command
    sys.exit(certbeam.main([pipeline, *arguments], prog_name="certbeam"))


def launch_arguments(parameters: Mapping[str, str], beam_arguments: Sequence[str]) -> list[str]:
    """Return the arguments of the pipeline's command."""
    repeated = {flag.name for flag in FLAGS if flag.repeated}
    flags = [
        f"--{name}={item}"
        for name, value in parameters.items()
        for item in (value.split(";") if name in repeated else [value])
    ]
    return [*flags, *beam_arguments]


def _read_parameters(texts: Sequence[str], file: Path | None) -> dict[str, str]:
    given: dict[str, str] = {}
    if file is not None:
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise Rejected(ErrorCode.PARAMETERS, f"{file} is neither YAML nor JSON: {error}") from error
        if not isinstance(content, dict):
            raise Rejected(
                ErrorCode.PARAMETERS, f"{file} is not a mapping: map names of parameters to values"
            )
        given |= {str(name): str(value) for name, value in content.items()}
    for text in texts:
        given |= split_parameters(text)
    return given
