"""certbeam on Flink: a demonstration on one machine, and a session cluster for tests."""
