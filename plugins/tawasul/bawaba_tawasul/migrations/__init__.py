"""The tables of Tawasul, step by step."""
