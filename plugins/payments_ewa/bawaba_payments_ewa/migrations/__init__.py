"""Migrations of the electricity and water tables."""
