"""The migrations of the accounting tables."""
