"""What an operator can set about the bureau."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CivilServiceSettings(BaseSettings):
    """Environment variables ``BAWABA_CIVIL_SERVICE_*``."""

    model_config = SettingsConfigDict(
        env_prefix="BAWABA_CIVIL_SERVICE_", extra="ignore", frozen=True
    )

    register_url: str = Field(
        "", description="Address of the bureau's register; empty: the simulator."
    )
    register_token: str = Field(
        "", repr=False, description="Bearer token that the register expects."
    )
    register_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds that one answer of the register may take."
    )
