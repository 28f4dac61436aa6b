"""Print for each template of a folder how certbeam's drawings differ from Chromium's.

``python -m certbeam.tests.integration.fidelity FOLDER [PICTURES [NAME…]]`` also writes the drawings side by side.
"""

import io
from pathlib import Path

import click
from PIL import Image

from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.integration.fidelity.chromium import open_chromium
from certbeam.tests.integration.fidelity.comparison import Comparison, compare_template


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.argument("pictures", type=click.Path(path_type=Path), required=False)
@click.argument("names", nargs=-1)
def main(folder: Path, pictures: Path | None, names: tuple[str, ...]) -> None:
    """Compare the templates of a folder and print a table."""
    counts = {"right": 0, "wrong": 0, "refused": 0, "failed": 0}
    with open_chromium(800, 600) as page:
        for path in sorted(folder.glob("*.svg")):
            if names and path.stem not in names:
                continue
            try:
                result = compare_template(path.read_bytes(), page, system_fonts())
            except Exception as error:  # a defect, which must not hide the other results
                counts["failed"] += 1
                click.echo(f"{path.stem:24} FAILED  {type(error).__name__}: {str(error)[:150]}")
                continue
            state = "refused" if result.refusal else "wrong" if result.wrong_formats else "right"
            counts[state] += 1
            shares = " ".join(f"{name}={share:.2%}" for name, share in result.shares.items())
            click.echo(
                f"{path.stem:24} {state:8} {shares}{result.refusal[:150]} {sorted(set(result.findings))}",
            )
            if pictures and result.pictures:
                _write_side_by_side(result, pictures / f"{path.stem}.png")
    click.echo(counts)


def _write_side_by_side(result: Comparison, path: Path) -> None:
    images = [
        Image.open(io.BytesIO(picture)).convert("RGB").resize((400, 283))
        for picture in result.pictures.values()
    ]
    sheet = Image.new("RGB", (410 * len(images), 283), "black")
    for index, image in enumerate(images):
        sheet.paste(image, (410 * index, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


if __name__ == "__main__":
    main()
