"""What a backend makes one of, and asks for everything."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from .admin import Admin
from .caller import caller_from, optional_caller_from
from .errors import AdminError, CallerError, ClaimsError
from .session import Session


class Latchkey:
    """Sessions of callers, and the admin API as admin."""

    def __init__(
        self, url: str | None = None, *, issuer: str = "", now: Callable[[], float] = time.time, **options: Any
    ) -> None:
        """Take what Admin and caller_from take."""
        self.admin = Admin(url, **options)
        self._issuer, self._now = issuer, now

    def session(self, event: Any) -> Session:
        """Return the session of the event's caller.

        Raises a CallerError unless the authorizer let the caller pass just now.
        """
        caller = caller_from(event, issuer=self._issuer, now=self._now)
        return Session(self.admin, event, caller, self._now)

    def optional_session(self, event: Any) -> Session | None:
        """session for routes whose session is optional: None if nobody is signed in."""
        caller = optional_caller_from(event, issuer=self._issuer, now=self._now)
        return caller and Session(self.admin, event, caller, self._now)

    def start(self, event: Any, **start: Any) -> Session:
        """Start a session for the event's caller, whom the backend has signed in.

        user_id and epoch are needed; the rest is Admin.start_session's.
        """
        return Session.start(self.admin, event, self._now, **start)

    def with_session(self, handler: Callable[[Session, Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Make a Lambda handler of one that takes (session, event, context).

        It tells the frontend what became of the session, and answers 401 where
        there is no session, or no more, 403 where claims are missing, and 503 where
        Latchkey does not answer; other errors are the function's.
        """
        return self._handler(handler, self.session)

    def with_optional_session(self, handler: Callable[[Session | None, Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """with_session for routes whose session is optional: None if nobody is signed in."""
        return self._handler(handler, self.optional_session)

    def _handler(self, handler: Callable[..., Any], read: Callable[[Any], Session | None]) -> Callable[[Any, Any], Any]:
        @functools.wraps(handler)
        def handle(event: Any, context: Any = None) -> Any:
            session = None
            try:
                session = read(event)
                answer = handler(session, event, context)
            except (CallerError, ClaimsError) as error:
                answer = error.response()
            except AdminError as error:
                if error.status not in (0, 503):
                    raise
                answer = error.response()
            return answer if session is None else session.answer(answer)

        return handle
