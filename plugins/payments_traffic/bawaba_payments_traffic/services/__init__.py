"""The verbs: look up, settle, object, decide."""
