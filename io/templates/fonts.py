"""Find the fonts that are installed on a worker, in the folders that fontconfig searches."""

import os
from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path

import uharfbuzz
from lxml import etree

from certbeam.artwork.text import FaceIndex, FontFace, FontLibrary, describe_face

_CONFIGURATION = "/etc/fonts/fonts.conf"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_MAX_INCLUDES = 200  # configuration files; Debian has 40


@cache
def system_fonts() -> FontLibrary:
    """Return the installed fonts; they are searched for once in a process."""
    return FontLibrary(FaceIndex(find_faces(font_folders())))


def font_folders() -> list[Path]:
    """Return the folders of fontconfig's configuration, or else those of the XDG specification.

    The environment variables ``FONTCONFIG_FILE``, ``XDG_DATA_HOME`` and ``XDG_DATA_DIRS`` are honoured.
    """
    configuration = Path(os.environ.get("FONTCONFIG_FILE") or _CONFIGURATION)
    folders = list(_read_folders(configuration, set()))
    if not folders:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        folders = [_data_home() / "fonts", Path.home() / ".fonts"]
        folders += [Path(path, "fonts") for path in shared.split(":")]
    return list(dict.fromkeys(folders))


def find_faces(folders: Iterable[Path]) -> list[FontFace]:
    """Return the faces of all font files in folders and below; files that are not fonts are skipped."""
    return [face for path in _find_files(folders) for face in _read_faces(path)]


def _find_files(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the font files in folders; symbolic links are followed, and each folder is read once."""
    seen: set[str] = set()
    for folder in folders:
        for parent, subfolders, names in os.walk(folder, followlinks=True):
            real_path = os.path.realpath(parent)
            if real_path in seen:
                subfolders.clear()
                continue
            seen.add(real_path)
            subfolders.sort()
            yield from (Path(parent, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES))


def _read_faces(path: Path) -> list[FontFace]:
    try:
        blob = uharfbuzz.Blob.from_file_path(str(path))
        faces = [uharfbuzz.Face(blob, index) for index in range(uharfbuzz.Face(blob).count)]
        return [
            describe_face(face, partial(_open_face, path, index))
            for index, face in enumerate(faces)
            if face.glyph_count
        ]
    except (OSError, UnicodeDecodeError, uharfbuzz.HarfBuzzError):
        return []


def _open_face(path: Path, index: int) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index)


def _read_folders(configuration: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield the folders of a configuration file and of the files that it includes.

    Args:
        configuration: the file.
        seen: the files that were read before.
    """
    if configuration in seen or len(seen) >= _MAX_INCLUDES or not configuration.is_file():
        return
    seen.add(configuration)
    try:
        root = etree.parse(configuration, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (OSError, etree.XMLSyntaxError):
        return
    for element in root.iter("dir", "include"):
        path = _resolve_path(element, configuration)
        if element.tag == "dir":
            yield path
        else:
            included = sorted(path.glob("*.conf")) if path.is_dir() else [path]
            for file in included:
                yield from _read_folders(file, seen)


def _resolve_path(element: etree._Element, configuration: Path) -> Path:
    """Return the path in an element; relative ones are relative to the prefix, or to the configuration file."""
    path = Path((element.text or "").strip()).expanduser()
    prefix = element.get("prefix", "default")
    if prefix == "xdg":
        return (_data_home() if element.tag == "dir" else _configuration_home()) / path
    if prefix == "relative" or element.tag == "include":
        return configuration.parent / path
    return path


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _configuration_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
