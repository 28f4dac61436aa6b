"""Java class paths from Maven poms, thin jars with these class paths, and the agent that binds Beam to loopback."""

import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
POMS = HERE / "poms"
CACHE = HERE.parent.parent / "build" / "services"
"""Folder that caches class paths and jars between runs. ``make clean`` removes it."""

EXPANSION_SERVICE = "org.apache.beam.sdk.expansion.service.ExpansionService"
"""The main class of the pom ``expansion``."""

_AGENT = "certbeam.LoopbackAgent"
_AGENT_SOURCE = HERE / "agent" / "LoopbackAgent.java"
_COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"
_JAVA_VERSION = "17"
_MANIFEST_LINE = 72


class NoClassPath(RuntimeError):
    """Java or Maven is missing, Maven did not fetch the jars of a server, or the agent does not compile."""


def class_path(name: str) -> str:
    """Return the class path of ``poms/<name>.xml``. It is cached until the pom changes or a jar is missing.

    Raises:
        NoClassPath: if it cannot be fetched.
    """
    pom, cached = POMS / f"{name}.xml", CACHE / f"{name}.classpath"
    if cached.exists() and cached.stat().st_mtime >= pom.stat().st_mtime:
        jars = cached.read_text(encoding="utf-8").strip()
        if all(Path(jar).exists() for jar in jars.split(":")):
            return jars
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise NoClassPath(f"{program} is not on the path: run 'make java' to install it")
    CACHE.mkdir(parents=True, exist_ok=True)
    goal = ["dependency:build-classpath", f"-Dmdep.outputFile={cached}"]
    command = ["mvn", "-B", "-q", "-Dstyle.color=never", "-f", str(pom), *goal]
    # Quiet Maven still writes colour codes to both streams, which would be in the output of `make services`.
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise NoClassPath(f"Maven did not fetch {pom.name}:\n{done.stdout.strip()}")
    return cached.read_text(encoding="utf-8").strip()


def thin_jar(name: str, main_class: str) -> Path:
    """Make a jar that contains only the class path of ``poms/<name>.xml``, for flags that take one jar file.

    ``java -jar`` starts the loopback agent before the main class.

    Raises:
        NoClassPath: if the class path cannot be fetched, or the agent cannot be made.
    """
    agent = loopback_agent()
    entries = [*class_path(name).split(":"), str(agent)]
    headers = {"Main-Class": main_class, "Launcher-Agent-Class": _AGENT, "Class-Path": _urls(entries)}
    return _write_jar(CACHE / f"{name}.jar", headers)


def loopback_agent() -> Path:
    """Make the jar of the agent that binds Beam's gRPC servers to loopback, for ``java -javaagent:JAR``.

    Raises:
        NoClassPath: if its libraries cannot be fetched, or it does not compile.
    """
    libraries = class_path("loopback")
    classes = compile_source("loopback", _AGENT_SOURCE)
    at_run_time = [jar for jar in libraries.split(":") if Path(jar).name.startswith("byte-buddy-")]
    headers = {"Premain-Class": _AGENT, "Class-Path": _urls(at_run_time)}
    files = sorted(classes.rglob("*.class"))
    return _write_jar(
        CACHE / "loopback.jar", headers, {str(file.relative_to(classes)): file for file in files}
    )


def compile_source(name: str, source: Path) -> Path:
    """Compile a Java source file against the class path of ``poms/<name>.xml``, which contains the compiler.

    Returns:
        The folder of the classes, which are compiled again when the source changes.

    Raises:
        NoClassPath: the source does not compile.
    """
    libraries, classes = class_path(name), CACHE / name
    compiled = sorted(classes.rglob("*.class"))
    if compiled and compiled[0].stat().st_mtime >= source.stat().st_mtime:
        return classes
    command = ["java", "-cp", libraries, _COMPILER, f"-{_JAVA_VERSION}", "-d", str(classes), "-cp", libraries]
    done = subprocess.run(
        [*command, str(source)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise NoClassPath(f"{source.name} does not compile:\n{done.stdout.strip()}")
    return classes


def _urls(jars: Sequence[str]) -> str:
    return " ".join(Path(jar).as_uri() for jar in jars)


def _write_jar(jar: Path, headers: Mapping[str, str], files: Mapping[str, Path] = {}) -> Path:
    lines = ("Manifest-Version: 1.0", *(f"{name}: {value}" for name, value in headers.items()))
    new = jar.with_name(f".{jar.name}.new")
    with zipfile.ZipFile(new, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", b"".join(map(_fold_header, lines)) + b"\r\n")
        for name, file in files.items():
            archive.write(file, name)
    # A running process may have the old jar open.
    return new.replace(jar)


def _fold_header(header: str) -> bytes:
    """Fold a manifest header into lines of at most 72 bytes. The lines after the first one begin with a space."""
    rest = header.encode()
    lines, rest = [rest[:_MANIFEST_LINE]], rest[_MANIFEST_LINE:]
    while rest:
        lines.append(b" " + rest[: _MANIFEST_LINE - 1])
        rest = rest[_MANIFEST_LINE - 1 :]
    return b"\r\n".join(lines) + b"\r\n"
