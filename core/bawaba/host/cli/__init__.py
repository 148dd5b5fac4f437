"""The command line ``bawaba``."""
