"""How much and how many of everything."""

from __future__ import annotations

MIN_TEXT, MAX_TEXT, MAX_TITLE, MAX_REASON = 1, 4_000, 300, 500
"""Characters of what people write, of a title, of a reason."""
MAX_SECTION = 20_000
"""Characters of a section of the minutes."""
MAX_MEMBERS, MAX_AGENDA, MAX_DOCUMENTS, MAX_MOTIONS, MAX_CANDIDATES = 100, 30, 20, 20, 20
"""Members of a council; items of an agenda; documents and motions of an item; candidates."""
MAX_OWN_MOTIONS = 5
"""Motions on an item by one member who does not preside over or serve the council."""
MAX_BLOC = 20
"""Motions that are put to the vote together."""
MAX_WEIGHT = 50
MAX_VERSIONS, MAX_MINUTES_VERSIONS = 100, 50
"""Versions of a document, and of the minutes of a meeting."""
MAX_WAIT = 24 * 60
"""Minutes that an opening may be put off for want of a quorum."""
SMALL_ELECTORATE = 5
"""So many voters or fewer: a secret ballot warns that unanimity reveals everybody's vote."""
NONCE_LENGTH = 43
"""Characters of 32 bytes as base64url without padding."""
MAX_PAGE_NUMBER = 10_000
