"""Rows of event delivery."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from bawaba.db import Table


class Topic(Table):
    """How far a topic has come. Its row lock is what numbers events without gaps."""

    name = fields.CharField(max_length=200, primary_key=True)
    epoch = fields.CharField(max_length=32)
    sequence = fields.BigIntField()

    class Meta:
        """Table, keys and indexes."""

        table = "core_topic"


class OutboxEvent(Table):
    """One event, written in the transaction that it tells of, kept for resuming."""

    id = fields.BigIntField(primary_key=True)
    topic = fields.CharField(max_length=200)
    sequence = fields.BigIntField()
    kind = fields.CharField(max_length=100)
    data: Any = fields.JSONField()
    correlation_id = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    published_at = fields.DatetimeField(null=True)

    class Meta:
        """Table, keys and indexes."""

        table = "core_outbox"
        unique_together = (("topic", "sequence"),)
        # Serves both readers: the relay (published_at IS NULL, by id) and the clean-up.
        indexes = (("published_at", "id"),)
