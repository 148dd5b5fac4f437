"""The settings of the sandbox, and whether it is offered at all.

Nobody must be able to "pay" a real bill with play money. So the gateway and its pages are declared
only where the platform runs as a demo (``BAWABA_DEMO``, which ``--demo`` sets before plugins are
loaded), or where an operator switched it on by name, say on a staging system.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bawaba_gateway_sandbox.rules import keys_of

__all__ = ["SandboxSettings", "is_offered"]


class _Host(BaseSettings):
    """What of the host's settings is known before it has started."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_", extra="ignore", frozen=True)

    demo: bool = False


class SandboxSettings(BaseSettings):
    """What an operator can set for the sandbox gateway."""

    model_config = SettingsConfigDict(
        env_prefix="BAWABA_SANDBOX_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    enabled: bool = Field(
        default=False, description="Offer the sandbox gateway outside the demo too."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="whsec_… that signs its callbacks; several, parted by spaces, while rotating. "
        "In the demo one is made in the data folder.",
    )
    delivery_timeout: float = Field(
        default=5.0, gt=0, description="Seconds that one callback may take."
    )

    fee_per_mille: int = Field(
        default=0, ge=0, le=100, description="Fee on each captured payment, in thousandths."
    )
    fee_fixed: int = Field(
        default=0, ge=0, description="Fee on each captured payment besides, in fils."
    )

    @model_validator(mode="after")
    def _secret_is_usable(self) -> Self:
        keys = keys_of(self.webhook_secret.get_secret_value())
        if self.enabled and not keys and not _Host().demo:
            raise ValueError(
                "BAWABA_SANDBOX_ENABLED outside the demo needs BAWABA_SANDBOX_WEBHOOK_SECRET"
            )
        return self


def is_offered() -> bool:
    """Return whether this process offers the sandbox: in the demo, or where it was switched on."""
    return _Host().demo or SandboxSettings().enabled
