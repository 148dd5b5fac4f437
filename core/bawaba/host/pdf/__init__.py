"""Printing: documents as PDF, in Arabic from right to left and in English."""
