"""Clients that several adapters use: Cassandra, HTTP, S3, Cloud Storage, SQLite."""
