"""Packaging of certbeam: the repository root is the import package ``certbeam``.

The folders are mapped here because a top-level ``io`` could never be imported under that name
(the standard library's ``io`` is loaded before any path is searched); as ``certbeam.io`` it can.
"""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = re.search(r'__version__ = "([^"]+)"', (ROOT / "__init__.py").read_text(encoding="utf-8")).group(1)
LAYERS = (
    "foundation",
    "issuing",
    "badges",
    "artwork",
    "certificates",
    "io",
    "stages",
    "transforms",
    "pipelines",
)

setup(
    # Builders start setup() from a script of their own. The root is a package, so setup.py would be one of its modules.
    script_name="setup.py",
    name="certbeam",
    version=VERSION,
    description="Issues certificates from a stream of issue-certificate events, with Apache Beam",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10,<3.15",
    package_dir={"certbeam": "."},
    packages=["certbeam"]
    + ["certbeam." + name for name in find_packages(include=[p for f in LAYERS for p in (f, f + ".*")])],
    package_data={
        "certbeam": ["py.typed", "schemas/*.schema.json"],
        "certbeam.pipelines.cli.authoring": ["page.css", "page.html", "page.js"],
        "certbeam.pipelines.runners": ["flink_local/config.yaml"],
    },
    install_requires=[
        "apache-beam>=2.70,<3",
        "babel>=2.14",
        "brotli>=1.2",
        "cachetools>=5.5",
        "cairosvg>=2.7",
        "click>=8.2",
        "coloraide>=8",
        "cryptography>=50",
        "cssselect2>=0.8",
        "fonttools>=4.47",
        "grpcio>=1.60",
        "httpx>=0.27",
        "lxml>=5.1",
        "numpy>=2",
        "openbadgeslib>=4.6,<5",
        "orjson>=3.10",
        "pikepdf>=9",
        "pillow>=10",
        "pyjwt>=2.10",
        "pyld>=3.3,<4",
        "pynacl>=1.6",
        "python-bidi>=0.6",
        "pyyaml>=6",
        "rich>=13",
        "tenacity>=9",
        "tinycss2>=1.4",
        "tzdata>=2024.1",
        "uharfbuzz>=0.56",
        "zxing-cpp>=2.3",
    ],
    extras_require={
        "azure": ["azure-identity>=1.17", "azure-storage-blob>=12.23"],
        "cassandra": ["cassandra-driver>=3.29"],
        "drawing": ["typst==0.15.2"],  # pinned, as each version draws some pixels in another way
        "gcp": ["apache-beam[gcp]", "google-cloud-storage>=2.18"],
        "redis": ["redis>=5"],
        "s3": ["boto3>=1.36"],
    },
    entry_points={"console_scripts": ["certbeam = certbeam.pipelines.cli.main:main"]},
)
