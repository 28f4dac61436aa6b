"""The names of courses and the types of contents."""
