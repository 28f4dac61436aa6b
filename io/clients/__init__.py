"""Sessions that several adapters share: Cassandra, HTTP, S3, Cloud Storage, SQLite."""
