"""Notices: kept until sent, sent once by each messenger that reaches the person."""
