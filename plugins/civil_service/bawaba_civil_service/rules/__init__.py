"""The laws of the civil service: leave, pay, certificates, codes. Pure."""
