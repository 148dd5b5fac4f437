"""The migrations of the civil service tables."""
