"""The verbs of Tawasul."""
