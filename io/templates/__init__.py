"""Templates and the pictures in them: where they may come from, how they are fetched, how long they are kept."""
