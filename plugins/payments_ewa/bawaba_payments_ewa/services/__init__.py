"""The verbs: look up, take bills, apportion money, dun, link, bill by fixed instalments."""
