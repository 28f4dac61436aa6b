# certbeam on Flink. Included by the Makefile; BIN is where the environment's programs are.

FLINK_DEMO := demo-out/flink

.PHONY: flink survive image

flink: env java $(VENV)/dev ## Issue the demo's events through Kafka and a Flink on this machine
	cd deploy && exec "$(abspath $(BIN))/python" -m services.jars
	@rm -rf $(FLINK_DEMO) && mkdir -p $(FLINK_DEMO)
	$(BIN)/certbeam lms load examples/lms.json --lms sqlite:$(FLINK_DEMO)/certbeam.db
	$(BIN)/python -m certbeam.deploy.flink.demo $(FLINK_DEMO)

survive: env java $(VENV)/dev  ## Kill every part of a Flink cluster while it issues, and look for what is lost
	$(BIN)/pytest -m survival tests/integration/test_survival.py

# The name that the manifests in deploy/ give the image.
IMAGE := certbeam:$(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' __init__.py)
ENGINE := $(firstword $(shell for one in docker podman buildah; do command -v $$one; done))

image:  ## Build the image of deploy/Dockerfile with docker, podman or buildah
	@[ -n "$(ENGINE)" ] || { echo "docker, podman or buildah is needed"; exit 1; }
	BUILDAH_FORMAT=docker $(ENGINE) build -f deploy/Dockerfile -t $(IMAGE) .
