"""To the bench: what to weigh, how to test it, what was predicted; and what to try next."""
