"""Importing this module imports the portal with every installed plugin."""

from bawaba.host import boot

boot.load_registry(boot.discover())
