"""Making a certificate from a request: badge and artwork together. No Beam, no network, no files."""
