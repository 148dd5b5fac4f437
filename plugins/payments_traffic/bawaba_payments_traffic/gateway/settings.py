"""What an operator can set about the directorate."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrafficSettings(BaseSettings):
    """Environment variables ``BAWABA_TRAFFIC_*``."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_TRAFFIC_", extra="ignore", frozen=True)

    directorate_url: str = Field(
        "", description="Address of the traffic directorate's register; empty: the simulator."
    )
    directorate_token: str = Field(
        "", repr=False, description="Bearer token that the register expects."
    )
    directorate_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds that one answer of the register may take."
    )
