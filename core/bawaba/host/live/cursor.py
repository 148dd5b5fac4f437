"""The opaque cursor of a topic: base64url of (epoch, sequence, topic). Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from bawaba.errors import BadInput
from bawaba.text import Text

_LONGEST = 2000
_DIGITS = 18
_BAD = Text("The cursor does not belong to this stream.", "المؤشر لا يعود إلى هذا البث.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a topic: after the event ``sequence``. ``epoch`` is "" before the first event."""

    topic: str
    epoch: str
    sequence: int

    def __str__(self) -> str:
        """Return the opaque form that clients keep."""
        raw = f"{self.epoch}:{self.sequence}:{self.topic}".encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse(cursor: str, topic: str) -> Cursor:
    """Read a cursor that a client sent back.

    Raises:
        BadInput: it is garbage, or of another topic.
    """
    try:
        epoch, digits, owner = _decoded(cursor).split(":", 2)
    except ValueError:
        raise BadInput(_BAD) from None
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    if not plain or owner != topic:
        raise BadInput(_BAD)
    found = Cursor(topic, epoch, int(digits))
    if str(found) != cursor:
        raise BadInput(_BAD)
    return found


def _decoded(cursor: str) -> str:
    if len(cursor) > _LONGEST:
        raise ValueError
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError from error
    return raw.decode()
