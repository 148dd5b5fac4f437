"""Tawasul: suggestions, complaints and inquiries, answered against a deadline."""
