# Real servers for tests, from Maven artifacts (deploy/services). The Makefile includes this file.

.PHONY: java
java: python  ## Install Java and Maven where missing (needs root or sudo).
	@$(INSTALL) servers

JAVASCRIPT := tests/integration/javascript tests/integration/azurite tests/integration/axe

.PHONY: javascript
javascript: $(JAVASCRIPT:%=%/node_modules/.package-lock.json)  ## Install the JavaScript programs that the tests run.

# Node.js and npm come with the environment.
%/node_modules/.package-lock.json: %/package-lock.json | $(VENV)/dev
	cd $* && $(abspath $(BIN))/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: services
services: java $(VENV)/dev  ## Run a Kafka broker and a Cassandra node until Ctrl-C.
	@cd deploy && exec ../$(BIN)/python -m services

.PHONY: jars
jars: java $(VENV)/dev  ## Build the jars for Kafka and Flink, whose servers listen on loopback only.
	@cd deploy && exec ../$(BIN)/python -m services jars
