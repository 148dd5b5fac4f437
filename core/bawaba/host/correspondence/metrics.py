"""What correspondence counts, in the host's own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class LetterMetrics:
    """Letters sent, waiting, taken, refused and unanswered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sent = Counter(
            "bawaba_letters_sent", "Letters with a verified receipt", ["agency"], registry=registry
        )
        self.undelivered = Counter(
            "bawaba_letters_undelivered",
            "Tries without a verified receipt",
            ["agency"],
            registry=registry,
        )
        self.waiting = Gauge(
            "bawaba_letters_waiting",
            "Letters that wait until the agency can be reached",
            ["agency"],
            registry=registry,
        )
        self.taken = Counter(
            "bawaba_letters_taken", "Letters taken and receipted", ["agency"], registry=registry
        )
        self.refused = Counter(
            "bawaba_letters_refused", "Letters refused, by reason", ["reason"], registry=registry
        )
