"""What payments count, in the host's own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class PaymentMetrics:
    """Counters of the inbox, of settlement and of alarms."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.received = Counter(
            "bawaba_gateway_messages", "Gateway messages accepted", ["gateway"], registry=registry
        )
        self.rejected = Counter(
            "bawaba_gateway_rejected", "Callbacks refused", ["gateway"], registry=registry
        )
        self.captured = Counter(
            "bawaba_payments_captured", "Payments captured", ["gateway"], registry=registry
        )
        self.silences = Counter(
            "bawaba_agency_silences",
            "Questions that an agency's service did not answer",
            ["service"],
            registry=registry,
        )
        self.batches = Counter(
            "bawaba_settlement_batches", "Settlement batches committed", registry=registry
        )
        self.alarms = Counter(
            "bawaba_payment_alarms", "Payment alarms, by kind", ["kind"], registry=registry
        )
