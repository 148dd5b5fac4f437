"""The host's settings: environment variables ``BAWABA_*``, each with its meaning."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can set. ``bawaba settings`` prints this list."""

    model_config = SettingsConfigDict(env_prefix="BAWABA_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path(".bawaba"), description="Folder of local files: SQLite database, keys, ledger heads."
    )
    database_url: str = Field(
        "", description="postgres://… or sqlite:///…; empty: SQLite in the data folder."
    )
    database_pool: int = Field(10, ge=2, description="PostgreSQL connections of one process.")
    statement_timeout: float = Field(
        5.0, gt=0, description="Seconds after which a database statement is given up."
    )
    redis_url: str = Field(
        "", description="redis://… of the event bus; empty: in-process, for one process only."
    )
    redis_prefix: str = Field(
        "bawaba", description="Prefix of the bus channels, to share one Redis."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(
        1, ge=1, description="Server processes; above 1 needs PostgreSQL and Redis."
    )
    public_url: str = Field(
        "", description="Address by which browsers and gateways reach the server."
    )
    files_url: str = Field(
        "", description="s3://bucket/prefix of uploaded files; empty: `files` in the data folder."
    )
    client_uploads: int = Field(
        8, gt=0, description="Uploads of one client that run at once; as many wait."
    )
    demo: bool = Field(
        default=False, description="Demo mode: own sign-in issuer, demo people and data."
    )
    timezone: str = Field(
        "Asia/Bahrain", description="Where the services are; decides calendar days."
    )
    oidc_issuer: str = Field("", description="OpenID Connect issuer whose tokens are accepted.")
    oidc_audience: str = Field("bawaba", description="Audience that tokens must name.")
    oidc_national_id_claim: str = Field(
        "national_id", description="Claim holding the personal number."
    )
    oidc_device_claim: str = Field(
        "sid", description="Claim naming the sign-in session, i.e. the device."
    )
    jwks_ttl: float = Field(
        300.0, gt=0, description="Seconds for which the issuer's keys are cached."
    )
    payment_expiry: float = Field(
        1800.0, gt=0, description="Seconds after which an unpaid checkout expires."
    )
    agency_deadline: float = Field(
        4.0, gt=0, description="Seconds that an agency gets to answer while a payment is started."
    )
    bills_deadline: float = Field(
        2.0, gt=0, description="Seconds that an agency gets to answer while bills are listed."
    )
    gateway_deadline: float = Field(
        4.0, gt=0, description="Seconds that a gateway gets to answer while a payer waits."
    )
    refund_approval_above: int = Field(
        500_000,
        ge=0,
        description="Fils above which a refund, alone or with the payment's other refunds, needs a "
        "second person's approval.",
    )
    default_gateway: str = Field(
        "", description="Gateway used where the payer names none; empty: the only one."
    )
    idempotency_retention: float = Field(
        172_800.0, ge=86_400, description="Seconds idempotency keys are kept."
    )
    outbox_retention: float = Field(
        86_400.0, gt=0, description="Seconds events are kept for resuming."
    )
    rate_per_second: float = Field(
        500.0, gt=0, description="Requests a second that one client may send."
    )
    rate_burst: int = Field(1000, gt=0, description="Requests that one client may send at once.")
    client_operations: int = Field(
        64, gt=0, description="Operations of one client that run at once in a process."
    )
    client_waiting: int = Field(
        256, ge=0, description="Operations of one client that wait their turn; more are refused."
    )
    client_cost: int = Field(
        5_000, gt=0, description="Cost in all of one client's operations that run at once."
    )
    client_connections: int = Field(
        2_000, gt=0, description="Sockets and event streams that one client holds at a process."
    )
    max_body_bytes: int = Field(100_000, gt=0, description="Largest GraphQL request body.")
    max_frame_bytes: int = Field(
        128_000, gt=0, description="Largest WebSocket message from a client."
    )
    max_characters: int = Field(15_000, gt=0, description="Longest GraphQL document.")
    max_tokens: int = Field(1_000, gt=0, description="Most tokens of a document.")
    max_depth: int = Field(10, gt=0, description="Deepest nesting of fields; not introspection's.")
    max_aliases: int = Field(30, ge=0, description="Most aliases of an operation.")
    max_root_fields: int = Field(20, gt=0, description="Most root fields of an operation.")
    max_directives: int = Field(50, ge=0, description="Most directives of an operation.")
    max_cost: int = Field(5_000, gt=0, description="Highest cost of an operation.")
    introspection: bool | None = Field(
        None, description="Whether the schema may be asked about; by default in the demo only."
    )
    suggestions: bool | None = Field(
        None, description="Whether errors say what was meant; by default in the demo only."
    )
    explorer: bool | None = Field(
        None, description="Whether /explorer stands; by default in the demo only."
    )
    trusted_documents: Path | None = Field(
        None, description="Folder or file of the only documents that may run; empty: any."
    )
    allowed_origins: list[str] = Field(
        [], description='Other origins of front ends, as JSON: ["https://app.example"].'
    )
    trusted_proxies: list[str] = Field(
        [], description='Networks whose X-Forwarded-For is believed, as JSON: ["10.0.0.0/8"].'
    )
    header_timeout: float = Field(
        10.0, gt=0, description="Seconds in which a connection must send its first request."
    )
    body_timeout: float = Field(
        10.0, gt=0, description="Seconds in which a request's body must arrive."
    )
    socket_init_timeout: float = Field(
        5.0, gt=0, description="Seconds in which a socket must initialise."
    )
    socket_ping: float = Field(20.0, gt=0, description="Seconds between pings to a socket.")
    socket_subscriptions: int = Field(50, gt=0, description="Subscriptions of one socket.")
    drain_period: float = Field(
        2.0, ge=0, description="Seconds over which a leaving process says goodbye to its sockets."
    )
    correspondence_addresses: dict[str, str] = Field(
        {},
        description='Where agencies take letters, as JSON: {"post": "https://…"}. Letters to '
        "others wait; in the demo these are simulated.",
    )
    correspondence_simulated: list[str] = Field(
        [],
        description='Agencies simulated outside the demo, to rehearse, as JSON: ["post"]. Nothing '
        "real is told to them.",
    )
    correspondence_keys: Path | None = Field(
        None, description="Folder of private keys; empty: `correspondence` in the data folder."
    )
    correspondence_partners: Path | None = Field(
        None,
        description="Folder of agencies' public keys, a JWKS file CODE.json each; empty: "
        "`partners` beside the private keys.",
    )
    correspondence_window: float = Field(
        300.0, ge=30, le=3600, description="Seconds after which a letter is too old to be taken."
    )
    correspondence_grace: float = Field(
        86_400.0, ge=0, description="Seconds for which a retired key still opens and verifies."
    )
    correspondence_timeout: float = Field(
        5.0, gt=0, le=30, description="Seconds that the answer to a letter may take."
    )
    correspondence_tries: int = Field(
        60,
        gt=0,
        description="Letters of one address a minute that may turn out not to be an agency's.",
    )
    correspondence_at_once: int = Field(
        64, gt=0, description="Letters of one address that are taken at once in a process."
    )
    smtp_url: str = Field(
        "", description="smtp://user:password@host:587 that sends e-mail; empty: none is sent."
    )
    mail_from: str = Field("", description="Address that e-mail comes from.")
    sms_url: str = Field("", description="HTTP gateway that sends SMS; empty: none is sent.")
    sms_token: str = Field("", description="Bearer token of the SMS gateway.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("auto", description="json, console, or auto (console on a terminal).")

    def open(self, choice: bool | None) -> bool:  # noqa: FBT001  a setting's own value
        """Return a choice, or its default: open in the demo, closed elsewhere."""
        return self.demo if choice is None else choice

    @property
    def database(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/bawaba.sqlite3"

    @property
    def public(self) -> str:
        """The public URL without a trailing slash, with the default filled in."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
