# Real servers for tests, from Maven artifacts. Included by the Makefile.

.PHONY: services jars java

services: java $(VENV)/runtime  ## Run Kafka and Cassandra on this machine until Ctrl-C
	cd deploy && exec "$(abspath $(BIN)/python)" -m services

jars: java $(VENV)/runtime  ## Make the jars that stand in for Beam's own where those cannot be fetched
	cd deploy && exec "$(abspath $(BIN)/python)" -m services jars

java:  # Java 17 or newer, and Maven; installed where that is allowed
	@if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get install -y -qq openjdk-17-jre-headless maven; \
	  else \
	    echo "Java 17 and Maven are needed: install openjdk-17-jre-headless and maven" >&2; exit 1; \
	  fi; \
	fi
