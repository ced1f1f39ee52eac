"""Settings: what operators may say, what they are told, and what is never shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from datasources.settings import Settings, unknown_variables, variable

GUIDE = Path(__file__).parents[2] / "docs" / "operators.md"
PASSWORD = "correct-horse-battery-staple-and-more"


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)


def row(name: str, field: FieldInfo) -> str:
    default = "" if field.default is None else f"`{field.default}`"
    return f"| `{variable(name)}` | {default} | {field.description} |"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_operators_guide_lists_each_setting_with_its_default_and_meaning(name: str) -> None:
    lines = GUIDE.read_text().splitlines()

    assert row(name, Settings.model_fields[name]) in lines


def test_the_operators_guide_lists_no_setting_that_is_not_there() -> None:
    listed = [line.split("`")[1] for line in GUIDE.read_text().splitlines() if line.startswith("| `")]

    variables = [name for name in listed if name.startswith(("PORTICO_", "DATABASE_"))]

    assert variables == [variable(field) for field in Settings.model_fields]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"postgresql://app:{PASSWORD}@db.example/portico"),
        ("PORTICO_OWNER_URL", f"postgresql://owner:{PASSWORD}@db.example/portico"),
        ("PORTICO_SALESFORCE_CLIENT_SECRET", PASSWORD),
        ("PORTICO_TOKEN_SECRET", PASSWORD),
    ],
)
def test_a_secret_is_read_and_never_printed(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    settings = Settings()

    kept = [each for each in settings.model_dump().values() if isinstance(each, SecretStr)]
    assert [each.get_secret_value() for each in kept] == [value]
    assert PASSWORD not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"DATABASE_URL": f"mysql://app:{PASSWORD}@db"}, "must begin with postgresql://"),
        ({"PORTICO_TOKEN_SECRET": PASSWORD[:31]}, "32 characters or more"),
        ({"PORTICO_PORT": "65536"}, "less than or equal to 65535"),
        ({"PORTICO_SALESFORCE_WORKERS": "25"}, "less than or equal to 24"),
        ({"PORTICO_DATABASE_POOL_MIN": "17"}, "must not exceed PORTICO_DATABASE_POOL_MAX"),
        ({"PORTICO_LOG_LEVEL": "loud"}, "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_value_is_refused_without_being_repeated(
    wrong: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError) as refused:
        Settings()

    assert said in str(refused.value)
    assert not any(value in str(refused.value) for value in wrong.values() if len(value) > 5)


def test_a_dotenv_file_is_read_and_the_environment_outranks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORTICO_PORT=9001\nPORTICO_HOST=0.0.0.0\nOTHER=ignored\n")
    monkeypatch.setenv("PORTICO_PORT", "9002")

    settings = Settings()

    assert (settings.host, settings.port) == ("0.0.0.0", 9002)  # noqa: S104  data of the test


def test_directories_are_absolute_and_may_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("PORTICO_WATCHLIST_DIR", "~/lists")

    settings = Settings()

    assert settings.home == tmp_path / ".portico"
    assert settings.watchlist_dir == Path("/home/ada/lists")
    assert settings.keys == tmp_path / ".portico" / "keys"


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "::1", "port": 81}, "http://[::1]:81"),
        ({"public_url": "https://portico.example/"}, "https://portico.example"),
    ],
)
def test_callers_are_told_an_address_they_can_use(chosen: dict[str, Any], address: str) -> None:
    assert Settings(**chosen).base_url == address


def test_migrations_use_the_owners_url_where_it_is_named() -> None:
    application, owner = (f"postgresql://{role}@db.example/portico" for role in ("app", "owner"))

    alone = Settings(database_url=SecretStr(application))
    both = Settings(database_url=SecretStr(application), owner_url=SecretStr(owner))

    assert (alone.application_dsn, alone.owner_dsn) == (application, application)
    assert (both.application_dsn, both.owner_dsn) == (application, owner)


def test_without_a_database_the_message_says_how_to_have_one() -> None:
    with pytest.raises(LookupError, match=r"set DATABASE_URL, or start one by `\./portico serve`"):
        _ = Settings().application_dsn


def test_a_misspelt_variable_is_noticed() -> None:
    environment = {"PORTICO_PROT": "9000", "PORTICO_PORT": "9000", "PATH": "/bin"}

    assert unknown_variables(environment) == ["PORTICO_PROT"]
