# The image of deploy/Dockerfile. Included by the Makefile.

# The name that the manifests in deploy/ give it.
IMAGE := certbeam:$(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' __init__.py)
ENGINE := $(firstword $(shell for one in docker podman buildah; do command -v $$one; done))

.PHONY: image
image:  ## Build the image of deploy/Dockerfile with docker, podman or buildah.
	@[ -n "$(ENGINE)" ] || { echo "docker, podman or buildah is needed"; exit 1; }
	BUILDAH_FORMAT=docker $(ENGINE) build -f deploy/Dockerfile -t $(IMAGE) .
