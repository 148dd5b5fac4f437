"""The real clock and the real maker of ids."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> dt.datetime:
        """Return the present instant."""
        return dt.datetime.now(dt.UTC)


class TimeOrderedIds:
    """UUID version 7 (RFC 9562) as 32 hexadecimal digits: increasing with time, 74 random bits."""

    def new(self) -> str:
        """Return a new id."""
        stamp = time.time_ns() // 1_000_000
        random = int.from_bytes(os.urandom(10))
        value = (stamp << 80) | random
        value = value & ~(0xF << 76) | (0x7 << 76)
        value = value & ~(0x3 << 62) | (0x2 << 62)
        return f"{value:032x}"

    def secret(self) -> str:
        """Return 32 random bytes as base64url."""
        return secrets.token_urlsafe(32)
