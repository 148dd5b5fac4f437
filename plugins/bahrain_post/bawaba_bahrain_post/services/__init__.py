"""The verbs: take scans, look up, assess, settle, renew."""
