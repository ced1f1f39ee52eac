"""Access tokens: one login serves every thread, and an expired token is renewed once however many notice."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """An access token, where it is good, and how many logins came before."""

    token: str
    instance: str
    generation: int


class Sessions:
    """The session that all threads share; `log_in` returns (token, instance host) and may raise."""

    def __init__(self, log_in: Callable[[], tuple[str, str]]) -> None:
        self._log_in = log_in
        self._lock = threading.Lock()
        self._current: Session | None = None
        self._attempts = 0
        self._failure: Exception | None = None

    def current(self) -> Session:
        return self._current or self._replaced(None)

    def renewed(self, expired: Session) -> Session:
        """Return a session other than `expired`; who asks first logs in, the others wait for it."""
        return self._replaced(expired)

    def _replaced(self, old: Session | None) -> Session:
        attempts_seen = self._attempts
        with self._lock:
            if self._current is not None and self._current is not old:
                return self._current
            if self._failure is not None and self._attempts > attempts_seen:
                raise self._failure  # this thread waited for a login that failed: one failure is enough
            return self._open()

    def _open(self) -> Session:
        self._attempts += 1
        try:
            token, instance = self._log_in()
        except Exception as error:
            self._current, self._failure = None, error
            raise
        self._current, self._failure = Session(token, instance, self._attempts), None
        return self._current
