"""Bahrain Post: shipments, customs duty, post boxes."""
