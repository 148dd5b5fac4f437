"""The machinery behind the door. A plugin imports nothing of it."""
