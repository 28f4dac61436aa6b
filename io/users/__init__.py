"""Who the learners are."""
