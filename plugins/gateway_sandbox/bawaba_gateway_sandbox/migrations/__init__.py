"""Migrations of the sandbox gateway's own book."""
