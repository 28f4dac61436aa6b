"""Regenerate the golden files from their inputs: python -m certbeam.tests.golden.write.

Their values are printed, stored or compared later. Each change of one needs a line under "Breaking" in CHANGELOG.md.
"""

import sys

from certbeam.tests.golden.files import read_topic, readable, write_topic
from certbeam.tests.golden.topics import TOPICS, committed_fonts


def main() -> None:
    """Regenerate all files and list the changed values."""
    changed = 0
    with committed_fonts():
        for topic, derive in TOPICS.items():
            content = read_topic(topic)
            for name, case in content["cases"].items():
                derived = derive(case["input"])
                if "expected" in case and readable(derived) != readable(case["expected"]):
                    sys.stdout.write(f"{topic}, {name}: changed\n")
                    changed += 1
                case["expected"] = derived
            write_topic(topic, content)
    if changed:
        sys.stdout.write(
            "Add a line under 'Breaking' in CHANGELOG.md that says what changes for installations.\n"
        )


if __name__ == "__main__":
    main()
