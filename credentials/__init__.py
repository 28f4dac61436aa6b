"""The domain of certificates, pure: no Beam, no network, no files."""
