"""The verbs of correspondence: take a letter, send one."""
