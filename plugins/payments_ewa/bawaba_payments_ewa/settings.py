"""What an operator can set about the authority."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EwaSettings(BaseSettings):
    """Environment variables ``BAWABA_EWA_*``."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_EWA_", extra="ignore", frozen=True)

    register_url: str = Field(
        "", description="Address of the authority's accounts; empty: the simulator."
    )
    register_token: str = Field("", repr=False, description="Bearer token that it expects.")
    register_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds that one answer of the authority may take."
    )
