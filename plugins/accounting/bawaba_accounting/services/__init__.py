"""The verbs of the accounting."""
