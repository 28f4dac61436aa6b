"""Functions that process a batch of elements for each stage, and the worker with its ports. Without Beam."""
