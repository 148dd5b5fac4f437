"""Choosing the issuer by the settings."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.errors import BootError
from bawaba.host.identity.demo import ISSUER, DemoIssuer
from bawaba.host.identity.identifying import Identity
from bawaba.host.identity.keys import HttpKeySource, KeySource
from bawaba.host.identity.tokens import TokenRules
from bawaba.host.settings import Settings
from bawaba.plugin import DemoPerson, Role


def key_source(settings: Settings) -> KeySource:
    """Return where tokens' keys come from: the demo's issuer, or ``BAWABA_OIDC_ISSUER``.

    Raises:
        BootError: neither in demo mode nor is an issuer set.
    """
    if settings.demo:
        return DemoIssuer(settings.data_dir, demo=True, audience=settings.oidc_audience)
    if not settings.oidc_issuer:
        raise BootError(
            "bawaba",
            "BAWABA_OIDC_ISSUER",
            "is not set: nobody could sign in",
            "set it to your OpenID Connect issuer, or start with --demo",
        )
    return HttpKeySource(settings.oidc_issuer, ttl=settings.jwks_ttl)


def token_rules(settings: Settings) -> TokenRules:
    """Return what a token must say."""
    if settings.demo:
        return TokenRules(ISSUER, settings.oidc_audience)
    return TokenRules(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        device_claim=settings.oidc_device_claim,
        national_id_claim=settings.oidc_national_id_claim,
    )


def identity_of(settings: Settings, roles: Sequence[Role]) -> Identity:
    """Return what tells who asks.

    Raises:
        BootError: see :func:`key_source`.
    """
    return Identity(key_source(settings), token_rules(settings), roles)


def issue_demo_token(settings: Settings, person: DemoPerson, device_label: str = "") -> str:
    """Return a bearer token of a demo person on a new device; needs no running host.

    Raises:
        BootError: outside demo mode.
    """
    issuer = DemoIssuer(settings.data_dir, demo=settings.demo, audience=settings.oidc_audience)
    return issuer.issue(person, device_label=device_label)
