"""A session in the hands of a backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from .admin import Admin, Versioned
from .caller import Caller
from .claims import Validator, require_claims
from .errors import AdminError, CallerError
from .event import asked_mode, kind_of, transport_of
from .reply import combined, with_reply


class Session:
    """The session of an event's caller.

    Changes reach the store at once, and the frontend by answer(). Where the session
    has ended meanwhile, what needs it raises a CallerError.
    """

    def __init__(self, admin: Admin, event: Mapping[str, Any], caller: Caller | None, now: Callable[[], float]) -> None:
        """Take the session of a caller; start is the other way to one."""
        self._admin, self._event, self._now = admin, event, now
        self._reply: dict[str, Any] | None = None
        self._mode: str | None = None  # of the frontend's tokens; None if unknown
        if caller is not None:
            self._mode = transport_of(event, caller.session)
            self.handle, self.user, self.recipe_user = caller.session, caller.user, caller.recipe_user
            self.tenant, self.claims = caller.tenant, caller.claims
            self.expires: int | None = caller.expires

    @classmethod
    def start(
        cls, admin: Admin, event: Mapping[str, Any], now: Callable[[], float] = time.time, **start: Any
    ) -> Session:
        """Start a session for the event's caller, whom the backend has signed in by itself.

        epoch is the user's, read before the proof of who it is was checked.
        """
        session = cls(admin, event, None, now)
        session._mode = start.get("mode") or asked_mode(event)
        started = admin.start_session(**{**start, "mode": session._mode})
        info = started["session"]
        session.handle, session.user, session.recipe_user = info["sessionHandle"], info["userId"], info["recipeUserId"]
        session.tenant, session.expires = info["tenantId"], None
        session._told(started)
        return session

    def assert_claims(self, *validators: Validator) -> None:
        """Raise a ClaimsError that lists the validators that the claims fail."""
        require_claims(self, self.claims, self._now(), validators)

    def info(self) -> dict[str, Any]:
        """Return what the store knows: timeCreated, timeRefreshed, expiry (ms), device, claims."""
        return self._own(self._admin.session)

    def data(self) -> Versioned:
        """Return the data that only backends see, with its version."""
        return self._own(self._admin.data)

    def put_data(self, data: Mapping[str, Any], *, version: int | None = None) -> int:
        """Replace the data, and return its new version."""
        return self._own(self._admin.put_data, data, version=version)

    def merge(self, claims: Mapping[str, Any], *, version: int | None = None) -> None:
        """Merge into the session's claims and give the frontend a token with them; None removes one."""
        mode = self._carried()  # before anything is written
        self._own(self._admin.merge_claims, claims, version=version)
        self.token(mode)

    def set_claim(self, name: str, value: Any) -> None:
        """Set one claim in FDI's form, as of now."""
        self.merge({name: {"v": value, "t": round(self._now() * 1000)}})

    def remove_claim(self, name: str) -> None:
        """Remove one claim."""
        self.merge({name: None})

    def token(self, mode: str | None = None) -> None:
        """Give the frontend a new access token with the claims of now."""
        self._told(self._own(self._admin.token, mode or self._carried()))

    def revoke(self) -> None:
        """End the session and sign the frontend out."""
        self._reply = self._admin.revoke(self.handle)

    def answer(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return the answer with what the frontend must be told, if there is anything."""
        if self._reply is None:
            return response
        answer = with_reply(kind_of(self._event), response, self._reply)
        self._reply = None
        return answer

    def _carried(self) -> str:
        if self._mode is None:
            raise ValueError("latchkey: the event does not show how its caller carries tokens; name a mode")
        return self._mode

    def _own(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make a call about this session. One that is over is no caller any more."""
        try:
            return call(self.handle, *args, **kwargs)
        except AdminError as error:
            if error.code == "session_not_found":
                raise CallerError("over") from error
            raise

    def _told(self, answer: Mapping[str, Any]) -> None:
        """Take over what the admin API says of the session, and the reply."""
        self.claims = answer["session"]["customClaimsInAccessTokenPayload"]
        reply = answer["reply"]
        self._reply = reply if self._reply is None else combined(self._reply, reply)
