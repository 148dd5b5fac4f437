"""The plugin's settings: ``BAWABA_ACCOUNTING_*``."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["AccountingSettings"]


class AccountingSettings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_ACCOUNTING_", extra="ignore", frozen=True)

    write_off_approval_above: int = Field(
        100_000,
        ge=0,
        description="Fils above which the resolution of a difference, alone or with what the same"
        " person resolved that day, needs a second person's approval.",
    )
