# Images, under the names that the manifests and pages give them. Included by the Makefile.

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' __init__.py)
ENGINE := $(firstword $(shell for one in docker podman buildah; do command -v $$one; done))
BUILD = @[ -n "$(ENGINE)" ] || { echo "docker, podman or buildah is needed"; exit 1; }; \
  BUILDAH_FORMAT=docker $(ENGINE) build

.PHONY: image dataflow-image

image:  ## Build the image of deploy/Dockerfile with docker, podman or buildah.
	$(BUILD) -f deploy/Dockerfile -t certbeam:$(VERSION) .

dataflow-image:  ## Build the image of Dataflow's workers, likewise.
	$(BUILD) -f deploy/Dockerfile.dataflow -t certbeam-dataflow:$(VERSION) .
