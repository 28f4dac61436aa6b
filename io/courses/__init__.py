"""Names and types of courses and contents."""
