"""Templates and their pictures: the URLs that are allowed, how they are fetched, and how long they are cached."""
