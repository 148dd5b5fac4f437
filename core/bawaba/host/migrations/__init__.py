"""Migrations of core's tables."""
