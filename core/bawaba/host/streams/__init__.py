"""Live fields: executed once for each audience, written to every reader."""
