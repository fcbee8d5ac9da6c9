"""Settings, read from the environment once and passed on as one value."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

ROOT = Path(__file__).resolve().parent
MEGABYTE = 1024 * 1024


class ConfigError(Exception):
    """A setting is missing or cannot be used; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the product takes from its surroundings."""

    environment: str  # development | production | test
    database_url: str
    data_dir: Path
    secret_key: str
    mail_url: str | None  # smtp://user:password@host:port, smtps://…; None: the embedded Maildir
    mail_from: str
    base_url: str
    host: str
    port: int
    # Whose X-Forwarded-For is believed: one address, or * where nobody but the proxy can reach us; None: nobody's.
    trusted_proxy: str | None = None
    # A log-in ends so long after its last page, and so long after it began whatever happens.
    session_idle: timedelta = timedelta(minutes=30)
    session_length: timedelta = timedelta(hours=10)
    # How long one statement of a page may take on PostgreSQL; the worker and the commands have no such limit.
    statement_limit: timedelta = timedelta(seconds=30)

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def maildir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def imports_dir(self) -> Path:
        return self.data_dir / "imports"

    @property
    def demo_accounts_file(self) -> Path:
        return self.data_dir / "demo-accounts.txt"


# Uploads: 20 MB a file and 2 MB pasted; the form around them needs a little room.
MAX_UPLOAD_BYTES = 20 * MEGABYTE
MAX_PASTE_BYTES = 2 * MEGABYTE
MAX_CONTENT_LENGTH = MAX_UPLOAD_BYTES + 3 * MEGABYTE
MAX_FORM_MEMORY_SIZE = 3 * MEGABYTE
MAX_FORM_PARTS = 5_000

# Threads of one process that may each want a connection at the same time: those that answer requests, those that read
# uploads beside them, and the worker's one.  The pool is as large, and no request waits for another's connection.
SERVER_THREADS = 4
READING_THREADS = 2
WORKER_THREADS = 1

# Last use is written at most once in five minutes: a shorter idle time would end sessions in use.
LEAST_IDLE_MINUTES = 10

REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "MAIL_URL", "MAIL_FROM", "BASE_URL")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises ConfigError where production lacks one or a value cannot be used."""
    env = os.environ if environ is None else environ
    environment = env.get("TRACKER_ENV") or "development"
    if environment not in {"development", "production", "test"}:
        raise ConfigError(f"TRACKER_ENV must be development, production or test, not {environment!r}")
    if environment == "production":
        missing = [name for name in REQUIRED_IN_PRODUCTION if not env.get(name)]
        if missing:
            raise ConfigError(f"production needs {', '.join(missing)} in the environment")
    data_dir = Path(env.get("TRACKER_DATA") or ROOT / "var").resolve()
    host = env.get("HOST") or "127.0.0.1"
    port = _port(env.get("PORT") or "8000")
    return Settings(
        environment=environment,
        database_url=_database_url(env.get("DATABASE_URL"), data_dir),
        data_dir=data_dir,
        secret_key=env.get("SECRET_KEY") or _generated_secret(data_dir),
        mail_url=env.get("MAIL_URL") or None,
        mail_from=env.get("MAIL_FROM") or "措施落实台账 <tracker@localhost.example>",
        base_url=(env.get("BASE_URL") or f"http://{_shown_host(host)}:{port}").rstrip("/"),
        host=host,
        port=port,
        trusted_proxy=_proxy(env.get("TRUSTED_PROXY")),
        session_idle=timedelta(minutes=_number(env, "SESSION_IDLE_MINUTES", 30, LEAST_IDLE_MINUTES)),
        session_length=timedelta(hours=_number(env, "SESSION_HOURS", 10, 1)),
        statement_limit=timedelta(seconds=_number(env, "STATEMENT_TIMEOUT_SECONDS", 30, 1)),
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _number(env: Mapping[str, str], name: str, usual: int, least: int) -> int:
    text = (env.get(name) or str(usual)).strip()
    if not (text.isascii() and text.isdecimal() and least <= int(text[:6]) and len(text) <= 6):
        raise ConfigError(f"{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)


def _proxy(text: str | None) -> str | None:
    """Return the proxy's address as the web server writes it; a name would never equal one, and trust nobody."""
    if not text or text == "*":
        return text or None
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise ConfigError(f"TRUSTED_PROXY must be one IP address or *, not {text!r}") from None


def _shown_host(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def _database_url(url: str | None, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'tracker.db'}"
    # The driver we install is psycopg 3; the plain scheme would ask for psycopg 2.
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _generated_secret(data_dir: Path) -> str:
    """Return this installation's own secret, made on first use and readable by its owner alone."""
    path = data_dir / "secret-key"
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
