"""Java class paths out of Maven poms, and thin jars that stand for them."""

import shutil
import subprocess
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
POMS = HERE / "poms"
CACHE = HERE.parent.parent / "build" / "services"
"""Where class paths and jars are kept between runs; ``make clean`` may take it away."""

EXPANSION_SERVICE = "org.apache.beam.sdk.expansion.service.ExpansionService"
"""The main class of the pom ``expansion``."""

_MANIFEST_LINE = 72


class NoClassPath(RuntimeError):
    """Java or Maven is not on the path, or Maven did not fetch what a server needs."""


def class_path(name: str) -> str:
    """The class path of ``poms/<name>.xml``; fetched once, and again when the pom changes or a jar is gone.

    Raises:
        NoClassPath: when it cannot be fetched.
    """
    pom, kept = POMS / f"{name}.xml", CACHE / f"{name}.classpath"
    if kept.exists() and kept.stat().st_mtime >= pom.stat().st_mtime:
        found = kept.read_text(encoding="utf-8").strip()
        if all(Path(jar).exists() for jar in found.split(":")):
            return found
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise NoClassPath(f"{program} is not on the path; 'make java' installs it")
    CACHE.mkdir(parents=True, exist_ok=True)
    goal = ["dependency:build-classpath", f"-Dmdep.outputFile={kept}"]
    command = ["mvn", "-B", "-q", "-Dstyle.color=never", "-f", str(pom), *goal]
    # Quiet Maven still writes colour codes to both streams, where our URIs go.
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise NoClassPath(f"Maven did not fetch {pom.name}:\n{done.stdout.strip()}")
    return kept.read_text(encoding="utf-8").strip()


def thin_jar(name: str, main_class: str) -> Path:
    """A jar of ``poms/<name>.xml`` that holds nothing but the class path: for flags that want one jar file."""
    jar = CACHE / f"{name}.jar"
    urls = " ".join(Path(entry).as_uri() for entry in class_path(name).split(":"))
    headers = ("Manifest-Version: 1.0", f"Main-Class: {main_class}", f"Class-Path: {urls}")
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", b"".join(map(_folded, headers)) + b"\r\n")
    return jar


def _folded(header: str) -> bytes:
    """A manifest header: lines of at most 72 bytes, the later ones begun with a blank."""
    rest = header.encode()
    lines, rest = [rest[:_MANIFEST_LINE]], rest[_MANIFEST_LINE:]
    while rest:
        lines.append(b" " + rest[: _MANIFEST_LINE - 1])
        rest = rest[_MANIFEST_LINE - 1 :]
    return b"\r\n".join(lines) + b"\r\n"
