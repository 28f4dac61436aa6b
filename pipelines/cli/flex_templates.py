"""``python -m certbeam.pipelines.cli.flex_templates FOLDER``: write the flex-template specifications."""

import sys
from pathlib import Path

import orjson

from certbeam.io.port import PIPELINES
from certbeam.pipelines.config.flex_template import flex_template


def write_specifications(folder: Path) -> None:
    """Write the specification of each pipeline to ``<pipeline>.json`` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for pipeline in PIPELINES:
        body = orjson.dumps(flex_template(pipeline), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (folder / f"{pipeline}.json").write_bytes(body)


if __name__ == "__main__":
    write_specifications(Path(sys.argv[1]))
