"""Open Badges and their cryptography: assertions, credentials, keys, status lists, verification."""
