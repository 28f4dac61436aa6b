"""What certbeam costs: ``make bench`` measures all of it, and each module one part; docs/performance.md explains."""
