"""Storage of the files of certificates, and of large messages."""
