# Container images, with the names in the manifests and documents. The Makefile includes this file.

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' __init__.py)
# GNU make discards the output of a command that ends with status 127, as "command -v" does for a missing program.
ENGINE := $(firstword $(shell for engine in docker podman buildah; do command -v $$engine; done; true))
BUILD = @[ -n "$(ENGINE)" ] || { echo "no container engine is found: install docker, podman or buildah"; exit 1; }; \
  BUILDAH_FORMAT=docker $(ENGINE) build

.PHONY: image dataflow-image

image:  ## Build the image of deploy/Dockerfile with docker, podman or buildah.
	$(BUILD) -f deploy/Dockerfile -t certbeam:$(VERSION) .

dataflow-image:  ## Build the image of the Dataflow workers with docker, podman or buildah.
	$(BUILD) -f deploy/Dockerfile.dataflow -t certbeam-dataflow:$(VERSION) .
