"""Correspondence: letters signed, sealed, answered with receipts, and kept in a chained log."""
