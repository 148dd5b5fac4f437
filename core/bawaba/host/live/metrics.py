"""What live delivery counts, in the host's own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class LiveMetrics:
    """Gauges and counters of the outbox, the relay and the hub."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.unpublished = Gauge(
            "bawaba_outbox_unpublished", "Events not yet announced on the bus", registry=registry
        )
        self.lag = Gauge(
            "bawaba_relay_lag_seconds", "Age of the oldest unpublished event", registry=registry
        )
        self.published = Counter(
            "bawaba_bus_published", "Events announced on the bus", registry=registry
        )
        self.failures = Counter(
            "bawaba_bus_failures", "Announcements that the bus did not take", registry=registry
        )
        self.followers = Gauge(
            "bawaba_live_followers", "Followers in this process", registry=registry
        )
        self.topics = Gauge(
            "bawaba_live_topics", "Topics followed in this process", registry=registry
        )
        self.snapshots = Counter(
            "bawaba_live_gap_snapshots",
            "Snapshots sent because events could not be replayed",
            registry=registry,
        )
        self.broadcasts = Gauge(
            "bawaba_live_broadcasts", "Streams executed in this process", registry=registry
        )
        self.executions = Counter(
            "bawaba_live_executions", "Executions for live fields", registry=registry
        )
        self.coalesced = Counter(
            "bawaba_live_coalesced", "Values a slow reader got as one snapshot", registry=registry
        )
        self.lost = Counter(
            "bawaba_live_lost", "Slow readers of a log told to resume", registry=registry
        )
        self.cut = Counter(
            "bawaba_live_cut", "Readers dropped because they took nothing", registry=registry
        )
