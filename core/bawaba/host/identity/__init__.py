"""Who asks: tokens, persons, devices, roles."""

from __future__ import annotations

from bawaba.host.identity.demo import DemoIssuer, load_people
from bawaba.host.identity.identifying import Identity, SignIn
from bawaba.host.identity.services import grant_role, withdraw_role
from bawaba.host.identity.setup import identity_of, issue_demo_token, key_source, token_rules

__all__ = [
    "DemoIssuer",
    "Identity",
    "SignIn",
    "grant_role",
    "identity_of",
    "issue_demo_token",
    "key_source",
    "load_people",
    "token_rules",
    "withdraw_role",
]
