"""The laws of Tawasul over the words of its domain: pure."""
