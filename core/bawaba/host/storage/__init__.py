"""Storage: one database, one transaction wrapper, one migration runner."""
