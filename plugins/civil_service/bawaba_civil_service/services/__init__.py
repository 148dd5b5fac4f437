"""The verbs: take letters, draw leave, pay, request, issue, verify."""
