"""The plugin's settings: ``BAWABA_TAWASUL_*``."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TawasulSettings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_TAWASUL_", extra="ignore", frozen=True)

    demo_cases: int = Field(3_000, ge=0, le=100_000, description="Cases of the demo.")
