"""Words in the two languages of the platform."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Language", "Text", "both"]


class Language(enum.Enum):
    """A language in which the platform answers (ISO 639-1, upper case)."""

    AR = "AR"
    EN = "EN"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in English and Arabic.

    Both may hold ``str.format`` fields, filled by :meth:`fill`.
    """

    en: str
    ar: str

    def in_(self, language: Language) -> str:
        """Return the words in ``language``."""
        return self.ar if language is Language.AR else self.en

    def fill(self, **values: Any) -> Text:
        """Return a copy with the format fields of both languages filled.

        A value that is itself a :class:`Text` is put into each language in that language.

        Raises:
            KeyError: a field has no value.
        """
        english, arabic = (_in(values, language) for language in (Language.EN, Language.AR))
        return Text(self.en.format(**english), self.ar.format(**arabic))


def _in(values: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        name: value.in_(language) if isinstance(value, Text) else value
        for name, value in values.items()
    }


def both(en: str, ar: str) -> str:
    """Return a schema description: English, a blank line, Arabic."""
    return f"{en}\n\n{ar}"
