"""Settings come from the environment; what production needs it refuses to start without."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

import config

PRODUCTION = {
    "TRACKER_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "MAIL_URL": "smtp://mail.example:25",
    "MAIL_FROM": "减负办 <jfb@mou.example>",
    "BASE_URL": "https://tracker.mou.example/",
}


def test_production_starts_with_what_it_needs() -> None:
    settings = config.load(PRODUCTION)
    assert settings.production
    assert settings.secret_key == PRODUCTION["SECRET_KEY"]
    assert settings.base_url == "https://tracker.mou.example"


@pytest.mark.parametrize("name", config.REQUIRED_IN_PRODUCTION)
@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_production_refuses_to_start_without_it(name: str, value: str | None, tmp_path: Path) -> None:
    given = {**PRODUCTION, "TRACKER_DATA": str(tmp_path / "data")}
    del given[name]
    if value is not None:
        given[name] = value
    with pytest.raises(config.ConfigError, match=name):
        config.load(given)
    assert not (tmp_path / "data").exists()


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(config.ConfigError, match="TRACKER_ENV"):
        config.load({"TRACKER_ENV": "staging"})


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    given = {"TRACKER_DATA": str(tmp_path / "data")}
    first, second = config.load(given).secret_key, config.load(given).secret_key
    assert first == second
    assert len(first) >= 40
    kept = tmp_path / "data" / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert config.load({"TRACKER_DATA": str(tmp_path / "other")}).secret_key != first


def test_a_secret_from_the_environment_leaves_no_file(tmp_path: Path) -> None:
    config.load({"TRACKER_DATA": str(tmp_path / "data"), "SECRET_KEY": "given"})
    assert not (tmp_path / "data").exists()


def test_by_default_it_is_sqlite_in_the_checkout_on_this_machine_alone() -> None:
    settings = config.load({"SECRET_KEY": "x"})
    assert settings.data_dir == Path(config.__file__).resolve().parent / "var"
    assert settings.database_url == f"sqlite:///{settings.data_dir / 'tracker.db'}"
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.mail_url is None
    assert not settings.production


def test_the_data_folder_moves_with_its_setting_whatever_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = config.load({"SECRET_KEY": "x", "TRACKER_DATA": "data"})
    assert settings.data_dir == tmp_path / "data"
    assert settings.maildir == tmp_path / "data" / "mail"
    assert settings.files_dir == tmp_path / "data" / "files"


@pytest.mark.parametrize("scheme", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_postgresql_is_spoken_to_through_the_driver_we_install(scheme: str) -> None:
    settings = config.load({"SECRET_KEY": "x", "DATABASE_URL": f"{scheme}u:p@db.example/tracker"})
    assert settings.database_url == "postgresql+psycopg://u:p@db.example/tracker"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty", "²"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(config.ConfigError, match="PORT"):
        config.load({"SECRET_KEY": "x", "PORT": port})


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - named, not bound
def test_links_never_name_the_address_that_means_every_one(host: str) -> None:
    assert config.load({"SECRET_KEY": "x", "HOST": host, "PORT": "8123"}).base_url == "http://127.0.0.1:8123"


def test_a_form_may_carry_the_largest_upload_and_the_largest_paste() -> None:
    assert config.MAX_CONTENT_LENGTH > config.MAX_UPLOAD_BYTES == 20 * 1024 * 1024
    assert config.MAX_FORM_MEMORY_SIZE > config.MAX_PASTE_BYTES == 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), ("", None), ("127.0.0.1", "127.0.0.1"), ("0:0::1", "::1"), (" 10.1.2.3 ", "10.1.2.3"), ("*", "*")],
)
def test_whose_forwarded_addresses_count_is_nobody_or_one_address(given: str | None, kept: str | None) -> None:
    environ = {"SECRET_KEY": "x"} if given is None else {"SECRET_KEY": "x", "TRUSTED_PROXY": given}
    assert config.load(environ).trusted_proxy == kept


@pytest.mark.parametrize("given", ["proxy.mou.example", "10.0.0.0/8", "127.0.0.1:443", "10.1.2.3,10.1.2.4"])
def test_a_proxy_that_could_never_be_recognised_is_refused(given: str) -> None:
    with pytest.raises(config.ConfigError, match="TRUSTED_PROXY"):
        config.load({"SECRET_KEY": "x", "TRUSTED_PROXY": given})


def test_a_session_ends_after_half_an_hour_and_ten_hours_unless_told_otherwise() -> None:
    usual = config.load({"SECRET_KEY": "x"})
    assert (usual.session_idle, usual.session_length) == (timedelta(minutes=30), timedelta(hours=10))
    told = config.load({"SECRET_KEY": "x", "SESSION_IDLE_MINUTES": "15", "SESSION_HOURS": "4"})
    assert (told.session_idle, told.session_length) == (timedelta(minutes=15), timedelta(hours=4))


def test_a_statement_of_a_page_ends_after_half_a_minute_unless_told_otherwise() -> None:
    assert config.load({"SECRET_KEY": "x"}).statement_limit == timedelta(seconds=30)
    told = config.load({"SECRET_KEY": "x", "STATEMENT_TIMEOUT_SECONDS": "5"})
    assert told.statement_limit == timedelta(seconds=5)


@pytest.mark.parametrize("name", ["SESSION_IDLE_MINUTES", "SESSION_HOURS", "STATEMENT_TIMEOUT_SECONDS"])
@pytest.mark.parametrize("given", ["0", "-1", "1.5", "half", "²", "9999999"])
def test_an_end_that_is_none_is_refused(name: str, given: str) -> None:
    with pytest.raises(config.ConfigError, match=name):
        config.load({"SECRET_KEY": "x", name: given})


def test_an_idle_time_must_be_longer_than_use_is_written() -> None:
    with pytest.raises(config.ConfigError, match="SESSION_IDLE_MINUTES"):
        config.load({"SECRET_KEY": "x", "SESSION_IDLE_MINUTES": "9"})
