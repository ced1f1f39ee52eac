"""What every verb needs from the terminal: where to print, how to refuse, how to read the settings."""

from typing import Any

from pydantic import ValidationError
from rich.console import Console

from datasources.settings import Settings, unknown_variables, variable

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class Refusal(Exception):  # not an error: the command line says no, and why
    """The command cannot do what was asked. The message says why and what to do instead."""


def load_settings(**chosen: Any) -> Settings:
    """The settings of the environment and `.env`, with what the command line chose over them (None: nothing).

    Raises Refusal naming each variable that is wrong; never its value, which may be a secret.
    """
    for name in unknown_variables():
        err.print(
            f"[yellow]{name} sets nothing: it is not a setting of Portico (docs/operators.md lists them)[/]"
        )
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as wrong:
        lines = [f"{_variable(error['loc'])}: {error['msg']}" for error in wrong.errors(include_input=False)]
        raise Refusal("\n".join([*lines, "docs/operators.md lists the settings."])) from None


def refuse(reason: object) -> int:
    """Print why not, on standard error; the exit status."""
    err.print(f"portico: {reason}", style="red", markup=False)
    return 1


def tell(step: str) -> None:
    """Say what is being done, on standard error, for who waits."""
    err.print(step, style="dim", markup=False)


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "settings"
    return variable(name.lower()) if name.lower() in Settings.model_fields else name
