"""certbeam issues certificates: an Apache Beam pipeline from issue-certificate events to registered certificates."""

__version__ = "0.1.0"
