"""The learning platform's records, users and courses."""
