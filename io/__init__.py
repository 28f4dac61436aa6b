"""The ports to the world outside, and their adapters; every adapter is chosen by one URI."""
