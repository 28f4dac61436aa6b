"""Name the Debian package whose fonts have a character."""

import unicodedata
from functools import cache

from fontTools import unicodedata as script_data

# Code points, in hexadecimal, that the fonts of a package have; the first package is preferred. The ranges are those of
# the character maps in Debian 12, across code points that Unicode has not assigned.
_COVERAGE = {
    "fonts-noto-color-emoji": (
        "23eb-23ec 23f0 2705 270a 2728 274c 274e 2754-2755 2795-2797 27b0 27bf 1f004 1f0cf 1f1e6-1f1ff "
        "1f300-1f321 1f324-1f393 1f396-1f397 1f399-1f39b 1f39e-1f3f0 1f3f3-1f3f5 1f3f7-1f4fd 1f4ff-1f53d "
        "1f549-1f54e 1f550-1f567 1f56f-1f570 1f573-1f57a 1f587 1f58a-1f58d 1f590 1f595-1f596 1f5a4-1f5a5 "
        "1f5a8 1f5b1-1f5b2 1f5bc 1f5c2-1f5c4 1f5d1-1f5d3 1f5dc-1f5de 1f5e1 1f5e3 1f5e8 1f5ef 1f5f3 "
        "1f5fa-1f64f 1f680-1f6c5 1f6cb-1f6d2 1f6d5-1f6d7 1f6dc-1f6e5 1f6e9 1f6eb-1f6f0 1f6f3-1f6fc "
        "1f7e0-1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1fa88 1fa90-1fabd 1fabf-1fac5 1face-1fadb "
        "1fae0-1fae8 1faf0-1faf8 e0030-e0039 e0061-e007a e007f"
    ),
    "fonts-noto-core": (
        "0-556 559-58a 58d-5c7 5d0-5ea 5f0-61c 61e-85e 8a0-8b4 8b6-8be 8d3-b4d b56-c39 c3d-c5a c60-cd6 cde- "
        "cf2 d00-ecd ed0-10ff 1200-170c 170e-1714 1720-180e 1810-1ac0 1b00-1b4b 1b50-1b7c 1b80-1c88 1c90-1cf9 "
        "1d00-1df9 1dfb-208e 2090-209c 20a0-20bf 20d0-23b6 23be-23ea 23ed-23ef 23f1-2426 2440-24ff 25a0-2704 "
        "2706-2709 270b-2727 2729-274b 274d 274f-2753 2756-2794 2798-27af 27b1-27be 27c0-2b95 2b97-2c2e "
        "2c30-2c5e 2c60-2e52 3000-3002 3007-3011 3014-301b 30fb 4dc0-4e00 a000-a7bf a7c2-a7ca a7f5-a95f "
        "a980-ab6b ab70-abf9 fb00-fbc1 fbd3-fd3f fd50-fd8f fd92-fdc7 fdf0-fdfd fe00 fe12 fe20-fe2f fe3d-fe3e "
        "fe41-fe44 fe70-feff ff5b ff5d ff61-ff65 fff9-1056f 10600-10767 10800-1093f 10980-10d39 10e60-10eb1 "
        "10f00-10f59 10fe0-1106f 1107f-110c1 110cd-11146 11150-1123e 11280-11374 11400-116b8 116c0-116c9 "
        "11700-1173f 11800-118ff 11a00-11aa2 11ac0-11af8 11c00-11da9 11fc0-1246e 12470-12474 12480-12543 "
        "13000-1342e 14400-14646 16800-16a6f 16ad0-16b8f 16e40-16e9a 16f00-16fe1 17000-187f7 18800-18af2 "
        "1b170-1bca3 1d000-1d126 1d129-1d1e8 1d200-1d245 1d2e0-1d6a5 1d6a8-1daaf 1e000-1e02a 1e100-1e14f "
        "1e2c0-1e2ff 1e800-1ecb4 1ee00-1f10c 1f110-1f16c 1f170-1f190 1f19b-1f1ac 1f30d-1f30f 1f315 1f31c "
        "1f321-1f32c 1f336 1f378 1f37d 1f393-1f39f 1f3a7 1f3ac-1f3ae 1f3c2 1f3c4 1f3c6 1f3ca-1f3ce "
        "1f3d4-1f3e0 1f3ed 1f3f1-1f3f3 1f3f5-1f3f7 1f408 1f415 1f41f 1f426 1f43f 1f441-1f442 1f446-1f449 "
        "1f44c-1f44e 1f453 1f46a 1f47d 1f4a3 1f4b0 1f4b3 1f4b9 1f4bb 1f4bf 1f4c8-1f4cb 1f4da 1f4df "
        "1f4e4-1f4e6 1f4ea-1f4ed 1f4f7 1f4f9-1f4fb 1f4fd-1f4fe 1f503 1f507-1f50a 1f50d 1f512-1f513 "
        "1f53e-1f54a 1f54f-1f579 1f57b-1f594 1f597-1f5a3 1f5a5-1f5fa 1f610 1f650-1f67f 1f687 1f68d 1f691 "
        "1f694 1f698 1f6ad 1f6b2 1f6b9-1f6ba 1f6bc 1f6c6-1f6cb 1f6cd-1f6cf 1f6d3-1f6d7 1f6e0-1f6ea "
        "1f6f0-1f6f3 1f6f7-1f773 1f780-1f7d8 1f7e0-1f7eb 1f800-1f8b1 1f93b 1f946 1fa00-1fa53 1fa60-1fa74 "
        "1fa78-1fa7a 1fa80-1fa86 1fa90-1faa8 1fab0-1fab6 1fac0-1fac2 1fad0-1fad6 1fb00-1fbca 1fbf0-1fbf9"
    ),
    "fonts-noto-cjk": (
        "1100-11ff 2500-259f 2e80-2ffb 301c-30fa 30fc-31bb 31c0-31e3 31f0-332b 332d-4db5 4e01-9fef a960-a97c "
        "ac00-fa6d fe45-fe6b ff01-ff5a ff66-ffee 1f200-1f251"
    ),
    "fonts-noto-extra": ("23b7-23bd"),
    "fonts-hanazono": ("20000-2a6d6 2a700-2b734 2b740-2b81d 2b820-2cea1 2ceb0-2ebe0 2f800-2fa1d"),
    "fonts-unifont": (
        "558 58b-58c 5c8-5c9 5ef 61d 860-89f 8b5 8bf-8d2 b53-b55 c3c c5c-c5d cdc-cdd cf3 ece 170d 1715-171f "
        "180f 1ac1-1af0 1b4c-1b4f 1b7d-1b7f 1c89-1c8a 1cfa 1dfa 208f 209d-209f 20c0-20c4 2427-2429 2b96 2c2f "
        "2c5f 2e53-2e63 2ffc-2fff 31bc-31bf 31e4-31ef 332c 4db6-4dbf 9ff0-9fff a7c0-a7c1 a7cb-a7f4 ab6c-ab6d "
        "fa70-fad9 fbc2-fbd2 fd40-fd4f fd90-fd91 fdc8-fdcf fdfe-fdff fe01-fe0f 10570-105bc 10780-107ba "
        "10efd-10eff 10f70-10fcb 11070-11075 110c2 11147 1123f-11241 116b9 11740-11746 11900-119e4 "
        "11ab0-11abf 11b00-11b09 11ee0-11f59 11fb0 12f90-12ff2 13430-13438 16a70-16ac9 16fe2-16ff1 "
        "18b00-18cd5 1aff0-1b122 1b132-1b167 1cf00-1cfc3 1d1e9-1d1ea 1d2c0-1d2d3 1df00-1df1e 1df25-1df2a "
        "1e030-1e08f 1e290-1e2ae 1e4d0-1e4f9 1e7e0-1e7fe 1ed01-1ed3d 1f10d-1f10f 1f16d-1f16f 1f1ad "
        "1f260-1f265 1f774-1f776 1f77b-1f77f 1f7d9 1f900-1f90b e0001-e002f e003a-e0060 e007b-e007e "
        "e0100-e01ef"
    ),
}


def suggest_package(character: str) -> str | None:
    """Return the Debian package whose fonts have a character; None if no package is known to have it."""
    if unicodedata.category(character) == "Co" or is_unassigned(character):
        return None
    code_point = ord(character)
    for package, ranges in _parse_coverage().items():
        if any(first <= code_point <= last for first, last in ranges):
            return package
    return None


def is_unassigned(character: str) -> bool:
    """Return True if Unicode has not assigned a code point, and it is not for private use."""
    return unicodedata.category(character) == "Cn" and script_data.script(character) == "Zzzz"


@cache
def _parse_coverage() -> dict[str, list[tuple[int, int]]]:
    return {package: [_parse_range(item) for item in text.split()] for package, text in _COVERAGE.items()}


def _parse_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first, 16), int(last or first, 16)
