"""Settings by environment and `.env`. `docs/operators.md` lists them all; a test holds it to this file.

Every variable begins with `PORTICO_`, except `DATABASE_URL`, which keeps the name that every host gives it.
Secrets are `SecretStr`: they print as asterisks and must be asked for by `get_secret_value()`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from commerce.access import Role

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]

PREFIX = "PORTICO_"


class Settings(BaseSettings):
    """What the operator decides. Times are seconds, sizes are counts, directories are absolute."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # a mistyped URL still holds its password
    )

    home: Path = Field(default=Path(".portico"), description="Where Portico keeps data, keys and logs")

    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on")
    public_url: str | None = Field(
        default=None, description="Address partners see, when a proxy stands in front"
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="Any PostgreSQL 15 or later, as the application role; without it Portico starts its own",
    )
    owner_url: SecretStr | None = Field(
        default=None,
        description="The same database as the role that owns the tables, for migrations; else `DATABASE_URL`",
    )
    worker_url: SecretStr | None = Field(
        default=None,
        description="The same database as the role `portico_worker`; else `DATABASE_URL`, which takes it on",
    )
    staff_url: SecretStr | None = Field(
        default=None,
        description="The same database as the role `portico_staff`; else `DATABASE_URL`, which takes it on",
    )
    database_pool_min: Count = Field(default=2, description="Connections kept open by each process")
    database_pool_max: Count = Field(default=16, description="Connections opened at most by each process")
    database_statement_timeout: Seconds = Field(default=15.0, description="Longest a statement may run")
    migration_lock_timeout: Seconds = Field(default=5.0, description="Longest a migration waits for a table")
    pg_bin: Path | None = Field(
        default=None, description="Directory of the PostgreSQL programs to start instead of ours"
    )
    pg_user: str | None = Field(
        default=None,
        description="User that runs PostgreSQL when root starts it; else `postgres`, then `nobody`",
    )

    worker_in_process: bool = Field(
        default=False, description="Run the worker inside the server, as `serve` does"
    )
    operations_per_client: Count = Field(
        default=12, description="Operations of a client that one process runs at once; more wait their turn"
    )
    events_kept_days: int = Field(
        default=0, ge=0, description="Days for which events are kept at least, in whole months; 0: for ever"
    )
    streams_per_client: Count = Field(
        default=50, description="Subscriptions a client may have open in one process"
    )
    worker_poll_interval: Seconds = Field(
        default=0.5, description="How often the worker looks for work when not woken"
    )
    worker_lease: Seconds = Field(
        default=60.0, description="How long a worker may hold work before another takes it"
    )

    watchlist_dir: Path | None = Field(
        default=None,
        description="Denied-party lists in their official formats; without it the samples are used",
    )
    watchlist_refresh_hours: float = Field(
        default=0,
        ge=0,
        description="How often the publishers are asked for new lists; 0: only by `./portico lists refresh`",
    )

    salesforce_url: str | None = Field(
        default=None,
        description="Org to talk to, `https://example.my.salesforce.com`; `serve` starts a sandbox org",
    )
    salesforce_client_id: str | None = Field(default=None, description="Consumer key of the connected app")
    salesforce_client_secret: SecretStr | None = Field(
        default=None, description="Consumer secret of the connected app"
    )
    salesforce_api_version: str = Field(default="66.0", pattern=r"^\d+\.0$", description="REST API version")
    salesforce_workers: int = Field(default=8, ge=1, le=24, description="Calls to Salesforce at once")
    salesforce_connect_timeout: Seconds = Field(default=3.05, description="Longest wait for a connection")
    salesforce_read_timeout: Seconds = Field(
        default=30.0, description="Longest wait for an answer to a write or a sync"
    )
    salesforce_live_timeout: Seconds = Field(
        default=0.8, description="Longest a query waits for Salesforce before it answers without"
    )

    smtp_url: SecretStr | None = Field(
        default=None,
        description="Mail server, `smtp://user:password@host:587` (STARTTLS) or `smtps://…`; without it "
        "e-mail goes to the inbox of this installation",
    )
    smtp_timeout: Seconds = Field(default=15.0, description="Longest wait for the mail server")
    mail_from: str = Field(
        default="Portico licences <licenses@portico.example>",
        pattern=r"^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$",
        description="Who e-mail comes from; bounces come to the same address with `+` and an id",
    )

    webhook_allow_loopback: bool = Field(
        default=False,
        description="For development alone: webhooks may go to this machine, by http and any port",
    )
    webhook_lanes: int = Field(default=64, ge=1, le=1000, description="Webhook endpoints served at once")
    webhook_timeout: Seconds = Field(
        default=15.0, le=30, description="Longest a webhook endpoint may take to answer"
    )

    token_secret: SecretStr | None = Field(
        default=None,
        description="Signs bearer tokens, 32 characters or more; else a key made under `PORTICO_HOME`",
    )
    sealing_secret: SecretStr | None = Field(
        default=None,
        description="Seals signing keys, activation codes and webhook secrets at rest, 32 characters or "
        "more; else a secret made under `PORTICO_HOME`",
    )
    token_secret_previous: SecretStr | None = Field(
        default=None, description="The secret before it: its tokens are taken until they expire"
    )
    staff_issuer: str | None = Field(
        default=None,
        description="OpenID Connect issuer of the staff's tokens; without it `./portico token` makes them",
    )
    staff_audience: str = Field(
        default="portico",
        description="`aud` of the staff's tokens; with `-sandbox` behind it, of those for the sandbox",
    )
    staff_roles_claim: str = Field(
        default="roles", description="The claim that holds a person's roles; dots lead into objects"
    )
    staff_roles: dict[str, Role] = Field(
        default={},
        description="Values of that claim and the role of each, as JSON: the first that fits counts; "
        "without it `portico-rep`, `portico-partner-ops` and so on",
    )
    keys_dir: Path | None = Field(default=None, description="Signing keys; else `keys` under `PORTICO_HOME`")

    rate_limit_points: Count = Field(
        default=40_000, description="Points of query cost that a client may spend at once"
    )
    rate_limit_per_second: Count = Field(
        default=2_000, description="Points that a client gets back each second"
    )
    persisted_only_roles: frozenset[Role] = Field(
        default=frozenset(), description="Staff roles that may run persisted documents alone, as a JSON list"
    )
    strict_http: bool = Field(
        default=False, description="Answer 422 and 294 as the GraphQL over HTTP draft does since 2026"
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level logged"
    )
    log_format: Literal["console", "json"] = Field(default="console", description="Form of the log")

    @field_validator("home", "pg_bin", "watchlist_dir", "keys_dir")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().absolute()

    @field_validator("database_url", "owner_url", "worker_url", "staff_url")
    @classmethod
    def _postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url and urlsplit(url.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql:// (name no driver: Portico picks it)")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url and urlsplit(url.get_secret_value()).scheme not in {"smtp", "smtps"}:
            raise ValueError("must begin with smtp:// or smtps://")
        return url

    @field_validator("staff_issuer")
    @classmethod
    def _by_https(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://")
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("must begin with https://")
        return url and url.rstrip("/")

    @field_validator("token_secret", "token_secret_previous", "sealing_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and len(secret.get_secret_value()) < 32:  # noqa: PLR2004  256 bits, as HMAC-SHA-256 asks
            raise ValueError("must have 32 characters or more")
        return secret

    @model_validator(mode="after")
    def _pool_is_a_range(self) -> Self:
        if self.database_pool_min > self.database_pool_max:
            raise ValueError("PORTICO_DATABASE_POOL_MIN must not exceed PORTICO_DATABASE_POOL_MAX")
        return self

    @property
    def watchlists(self) -> Path:
        """Where lists that were accepted are kept, with those refused and the saved index."""
        return self.home / "watchlists"

    @property
    def inbox(self) -> Path:
        """Where e-mail goes that no mail server takes: a Maildir."""
        return self.home / "inbox"

    @property
    def keys(self) -> Path:
        return self.keys_dir or self.home / "keys"

    @property
    def base_url(self) -> str:
        """Where callers reach this server, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def application_dsn(self) -> str:
        """The URL the application connects with. Raises LookupError when nobody has named or started one."""
        if self.database_url is None:
            raise LookupError("no database: set DATABASE_URL, or start one by `./portico serve`")
        return self.database_url.get_secret_value()

    @property
    def owner_dsn(self) -> str:
        """The URL migrations connect with: the owner's where it is named, else the application's."""
        return self.owner_url.get_secret_value() if self.owner_url else self.application_dsn


def variable(field: str) -> str:
    """The environment variable that sets a field of `Settings`."""
    return "DATABASE_URL" if field == "database_url" else f"{PREFIX}{field.upper()}"


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """`PORTICO_…` variables that set nothing: most likely misspelt."""
    known = {variable(field) for field in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
