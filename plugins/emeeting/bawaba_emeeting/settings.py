"""The plugin's settings: ``BAWABA_MEETING_*``."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class MeetingSettings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_MEETING_", extra="ignore", frozen=True)

    keys: SecretStr = Field(
        SecretStr(""),
        description="Keys of private comments and of secret ballots while voting is open, newest"
        " first: NAME:BASE64 of 32 bytes, separated by commas. Old ones stay to read what they"
        " sealed. The demo makes one of its own.",
    )
