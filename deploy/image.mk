# Container images, with the names in the manifests and documents. The Makefile includes this file.

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' __init__.py)
ENGINE := $(firstword $(shell for engine in docker podman buildah; do command -v $$engine; done))
BUILD = @[ -n "$(ENGINE)" ] || { echo "no container engine is found: install docker, podman or buildah"; exit 1; }; \
  BUILDAH_FORMAT=docker $(ENGINE) build

.PHONY: image dataflow-image

image:  ## Build the image of deploy/Dockerfile with docker, podman or buildah.
	$(BUILD) -f deploy/Dockerfile -t certbeam:$(VERSION) .

dataflow-image:  ## Build the image of the Dataflow workers with docker, podman or buildah.
	$(BUILD) -f deploy/Dockerfile.dataflow -t certbeam-dataflow:$(VERSION) .
