"""Migrations of the traffic tables."""
