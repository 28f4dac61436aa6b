# Targets for Flink. The Makefile includes this file; BIN is the folder of the environment's programs.

FLINK_DEMO := demo-out/flink

.PHONY: flink survive

flink: packages env $(VENV)/dev ## Issue the certificates of the demo through Kafka and Flink on this machine
	cd deploy && exec "$(abspath $(BIN))/python" -m services.jars
	@rm -rf $(FLINK_DEMO) && mkdir -p $(FLINK_DEMO)
	$(BIN)/certbeam lms load examples/lms.json --lms sqlite:$(FLINK_DEMO)/certbeam.db
	$(BIN)/python -m certbeam.deploy.flink.demo $(FLINK_DEMO)

survive: packages env $(VENV)/dev  ## Kill parts of Flink and Cassandra clusters during a run, and check that no certificate is lost
	$(BIN)/pytest -m survival tests/integration
