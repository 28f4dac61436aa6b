"""Benchmarks. ``make bench`` runs all, and each module runs one part. docs/performance.md explains the results."""
