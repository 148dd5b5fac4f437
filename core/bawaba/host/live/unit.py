"""What a long-lived task wraps around each piece of its work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

UnitOfWork = Callable[[], AbstractContextManager[Any]]
"""Binds runtime and database in the calling task, with no transaction in sight."""
