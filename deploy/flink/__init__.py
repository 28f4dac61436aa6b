"""certbeam on Flink: a demo on one machine, and a session cluster for tests."""
