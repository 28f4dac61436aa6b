"""The issuing domain: events, eligibility, requests, outcomes, dead letters. No Beam, no network, no files."""
