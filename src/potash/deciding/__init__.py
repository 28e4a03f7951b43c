"""Deciding: which calculation removes the most doubt per core-second, and when to stop."""
