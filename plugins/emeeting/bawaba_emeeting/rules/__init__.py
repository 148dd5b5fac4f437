"""The laws of a council: pure."""
