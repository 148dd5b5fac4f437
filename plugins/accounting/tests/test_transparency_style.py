"""The style sheet: contrasts by WCAG 2, in light, in the dark and on paper."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = (resources.files("bawaba_accounting") / "templates" / "transparency.css").read_text()
THEMES = dict(zip(("light", "dark", "paper"), re.findall(r":root \{([^}]*)\}", STYLE), strict=True))
PARTS = tuple(f"c{number}" for number in range(1, 7))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_words_and_plots_stand_out(theme: str) -> None:
    colours = dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", THEMES[theme]))
    for words in ("ink", "soft", "link", "good", "bad"):
        for ground in ("paper", "card"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
    for part in (*PARTS, "accent"):
        assert contrast(colours[part], colours["on"]) >= 4.5, part
        assert contrast(colours[part], colours["card"]) >= 3, part
    assert contrast(colours["bar"], colours["track"]) >= 3


def test_every_colour_is_one_of_the_theme_s() -> None:
    outside = re.sub(r":root \{[^}]*\}", "", STYLE)
    assert re.findall(r"#[0-9a-f]{3,6}\b", outside) == []
    assert "letter-spacing" not in STYLE  # it would tear Arabic letters apart
    assert "italic" not in STYLE
    assert not re.search(r"(margin|padding|border|text-align)-?(left|right)?: *left", STYLE)
