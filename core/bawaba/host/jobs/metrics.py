"""What jobs count, in the host's own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class JobMetrics:
    """Gauges and counters of jobs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.jobs = Gauge("bawaba_jobs", "Jobs not done, by state", ["state"], registry=registry)
        self.dead = Gauge("bawaba_jobs_dead_letters", "Jobs that gave up", registry=registry)
        self.running = Gauge("bawaba_jobs_running", "Runs in this process", registry=registry)
        self.runs = Counter(
            "bawaba_job_runs",
            "Runs ended, by job and outcome",
            ["job", "outcome"],
            registry=registry,
        )
