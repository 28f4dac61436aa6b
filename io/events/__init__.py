"""Where events come from, and where requests, outcomes, dead letters and audit events go."""
