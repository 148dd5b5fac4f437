"""e-Meeting: a council decides, lawfully, in front of everyone's eyes."""
