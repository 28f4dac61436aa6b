# certbeam on Flink. Included by the Makefile; BIN is where the environment's programs are.

FLINK_DEMO := demo-out/flink

.PHONY: flink survive

flink: packages env $(VENV)/dev ## Issue the demo's events through Kafka and a Flink on this machine
	cd deploy && exec "$(abspath $(BIN))/python" -m services.jars
	@rm -rf $(FLINK_DEMO) && mkdir -p $(FLINK_DEMO)
	$(BIN)/certbeam lms load examples/lms.json --lms sqlite:$(FLINK_DEMO)/certbeam.db
	$(BIN)/python -m certbeam.deploy.flink.demo $(FLINK_DEMO)

survive: packages env $(VENV)/dev  ## Kill parts of clusters of Flink and Cassandra while certificates are issued, and look for what is lost
	$(BIN)/pytest -m survival tests/integration
