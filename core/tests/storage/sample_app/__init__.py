"""A small set of models for the storage tests."""
