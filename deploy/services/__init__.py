"""Real servers for tests on this machine, without containers: Kafka and Cassandra from Maven artifacts."""
