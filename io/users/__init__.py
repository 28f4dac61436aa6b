"""The records of the learners."""
