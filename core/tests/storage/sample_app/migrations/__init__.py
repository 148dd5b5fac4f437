"""Migrations of the sample app."""
