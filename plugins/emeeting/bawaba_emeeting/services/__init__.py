"""The verbs of e-Meeting."""
