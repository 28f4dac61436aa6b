# Real servers for tests, from Maven artifacts: deploy/services. Included by the Makefile.

.PHONY: java
java:  ## Install Java 17 and Maven where missing (needs root or sudo).
	@sh deploy/install-java.sh

JAVASCRIPT := tests/integration/javascript

.PHONY: javascript
javascript: $(JAVASCRIPT)/node_modules/.package-lock.json  ## Install the JavaScript verifiers that the tests ask.

$(JAVASCRIPT)/node_modules/.package-lock.json: $(JAVASCRIPT)/package-lock.json
	@sh deploy/install-node.sh
	cd $(JAVASCRIPT) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: services
services: java $(VENV)/dev  ## Run a Kafka broker and a Cassandra node until Ctrl-C.
	@cd deploy && exec ../$(BIN)/python -m services

.PHONY: jars
jars: java $(VENV)/dev  ## Make the jar for --expansion_service, where Beam cannot fetch its own.
	@cd deploy && exec ../$(BIN)/python -m services jars
