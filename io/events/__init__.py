"""Sources of events, and sinks of requests, outcomes, dead letters, audit events and notices."""
