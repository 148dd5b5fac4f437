"""What an operator can set about the post's own system."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PostSettings(BaseSettings):
    """Environment variables ``BAWABA_POST_*``."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_POST_", extra="ignore", frozen=True)

    system_url: str = Field("", description="Address of the post's system; empty: the simulator.")
    system_token: str = Field(
        "", repr=False, description="Bearer token that the post's system expects."
    )
    system_timeout: float = Field(
        2.0, gt=0, le=30, description="Seconds that one answer of the post's system may take."
    )
