"""Rows of identity: persons, their devices, the roles granted to them."""

from __future__ import annotations

from tortoise import fields

from bawaba.db import Table


class Person(Table):
    """Somebody whom the issuer vouched for, made at first sight of a valid token.

    ``national_id`` is not unique: it is the issuer that tells people apart, and one that gives a
    citizen a new subject must not lock that citizen out. ``claims_at`` is when the token was
    issued from which the names and the number were taken last. ``suspended_scope`` is the body
    in which the account was suspended; null: by who manages accounts everywhere.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    issuer = fields.CharField(max_length=255)
    subject = fields.CharField(max_length=255)
    national_id = fields.CharField(max_length=32, null=True, db_index=True)
    name = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    claims_at = fields.BigIntField()
    created_at = fields.DatetimeField()
    email = fields.CharField(max_length=254, null=True)
    phone = fields.CharField(max_length=32, null=True)
    suspended_at = fields.DatetimeField(null=True)
    suspended_by = fields.CharField(max_length=32, null=True)
    suspended_scope = fields.CharField(max_length=64, null=True)
    suspension_reason = fields.CharField(max_length=500, null=True)

    class Meta:
        """Where it is stored."""

        table = "core_person"
        unique_together = (("issuer", "subject"),)


class Device(Table):
    """One sign-in of a person: the session that the issuer named in the token.

    ``last_seen_at`` moves at most once a minute. A revoked device never comes back: signing in
    again makes another session, and so another row.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    person_id = fields.CharField(max_length=32)
    session = fields.CharField(max_length=255)
    label = fields.CharField(max_length=120)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoked_by = fields.CharField(max_length=32, null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        """Where it is stored."""

        table = "core_device"
        unique_together = (("person_id", "session"),)


class RoleGrant(Table):
    """A role that a person holds in a scope: an agency's or body's code, or ``*``."""

    id = fields.CharField(max_length=32, primary_key=True)
    person_id = fields.CharField(max_length=32)
    role = fields.CharField(max_length=64, db_index=True)
    scope = fields.CharField(max_length=64)
    granted_at = fields.DatetimeField()
    granted_by = fields.CharField(max_length=32, null=True)

    class Meta:
        """Where it is stored."""

        table = "core_grant"
        unique_together = (("person_id", "role", "scope"),)
