"""Letters to and from the agencies: signing, sealing, keys, the log."""
