"""What each stage does with a batch of elements, and the worker that holds its ports. No Beam."""
