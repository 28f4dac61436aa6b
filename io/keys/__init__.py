"""The issuer's keys."""
