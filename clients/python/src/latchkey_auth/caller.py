"""Who is calling, as the authorizer decided."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .claims import Validator, require_claims
from .errors import CallerError
from .event import is_read, kind_of, object_of
from .exact import parse_exact, text
from .handle import is_session_of

# How old a decision about a request that may change something can be, in seconds.
_MAX_AGE = 30

_STANDARD = frozenset(["iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub"])


@dataclass(frozen=True)
class Caller:
    """Who makes a request. Times are seconds since 1970."""

    user: str
    recipe_user: str
    tenant: str
    session: str  # the session's handle
    expires: int  # when the access token ends
    decided: int | None  # when the authorizer decided; None if API Gateway's own JWT authorizer did
    checked: str  # "store" or "token"
    payload: str = field(repr=False)  # the claims, as JSON text
    _now: float = field(repr=False, compare=False)

    @property
    def claims(self) -> dict[str, Any]:
        """The custom claims."""
        return parse_exact(self.payload)

    def require(self, *validators: Validator) -> None:
        """Raise a ClaimsError that lists the validators that the caller fails."""
        require_claims(self, self.claims, self._now, validators)


class _Received(NamedTuple):
    """What an event says of its caller."""

    read: bool  # the method is GET or HEAD, beyond doubt
    context: dict[str, Any] | None = None  # of our authorizer
    jwt: dict[str, Any] | None = None  # claims, as API Gateway's own JWT authorizer passes them on
    joined: bool = False  # a message on a WebSocket whose handshake was judged


def caller_from(event: Any, *, issuer: str = "", now: Callable[[], float] = time.time) -> Caller:
    """Return the caller of an event of API Gateway, of any kind.

    Raises a CallerError unless the authorizer let the caller pass just now.

    issuer is the stack's, by whose tokens API Gateway's own JWT authorizer may say
    who calls, for GET and HEAD; without it only Latchkey's may.
    """
    caller = optional_caller_from(event, issuer=issuer, now=now)
    if caller is None:
        raise CallerError("anonymous")
    return caller


def optional_caller_from(event: Any, *, issuer: str = "", now: Callable[[], float] = time.time) -> Caller | None:
    """caller_from for routes whose session is optional: None if nobody is signed in."""
    if not isinstance(event, Mapping):
        raise CallerError("no_caller")
    received, moment = _received(event), now()
    if received.context is None and received.jwt is not None:
        return _from_jwt(received, issuer, moment)
    member = _texts(received.context or {})
    if member("latchkey") != "1":
        raise CallerError("no_caller")
    if member("anonymous") == "1" and not member("user"):
        return None
    decided = _epoch(member("decided"))
    if decided is None:
        raise CallerError("no_caller")
    return _judged(received, Caller(
        user=member("user"), recipe_user=member("recipeUser"), tenant=member("tenant"), session=member("handle"),
        expires=_epoch(member("expires")), decided=decided, checked=member("checked"),
        payload=member("payload"), _now=moment,
    ))


def _received(event: Mapping[str, Any]) -> _Received:
    kind = kind_of(event)
    read = is_read(event, kind)
    authorizer = _object(object_of(event, "requestContext").get("authorizer"))
    if kind == "http":
        authorizer = authorizer or {}
        return _Received(read, _object(authorizer.get("lambda")), _object(object_of(authorizer, "jwt").get("claims")))
    if kind == "websocket":
        # Messages carry the decision about the handshake until the token ends.
        joined = object_of(event, "requestContext").get("eventType") in ("MESSAGE", "DISCONNECT")
        return _Received(read, authorizer, joined=joined)
    jwt = _object((authorizer or {}).get("claims"))
    if jwt is not None and "latchkey" not in authorizer:
        return _Received(read, jwt=jwt)
    return _Received(read, authorizer)


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _texts(members: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what returns a member that is a text, and "" for any other."""
    return lambda name: value if isinstance(value := members.get(name), str) else ""


def _judged(received: _Received, caller: Caller) -> Caller:
    """Return the caller if nothing is missing and the decision covers the request.

    A decision from ahead of the clock is as wrong as an old one.
    """
    whole = caller.user and caller.tenant and caller.session and caller.expires is not None
    if not whole or caller.checked not in ("store", "token") or not _is_object(caller.payload):
        raise CallerError("no_caller")
    if caller._now >= caller.expires:
        raise CallerError("expired")
    if received.read:
        return caller
    if caller.checked != "store" or not received.joined and abs(caller._now - caller.decided) > _MAX_AGE:
        raise CallerError("stale")
    return caller


def _is_object(payload: str) -> bool:
    try:
        return isinstance(parse_exact(payload), dict)
    except ValueError:
        return False


def _from_jwt(received: _Received, issuer: str, now: float) -> Caller:
    """Return the caller whom API Gateway's own JWT authorizer names.

    It passes every claim on as text. Custom claims are objects, whose text cannot
    be read back, so validators fail on them.
    """
    claim = _texts(received.jwt)
    ours = issuer and claim("iss") == issuer
    if not ours or not is_session_of(claim("sessionHandle"), claim("tId"), claim("sub")):
        raise CallerError("no_caller")
    custom = {n: v for n, v in received.jwt.items() if isinstance(v, str) and n not in _STANDARD}
    return _judged(received, Caller(
        user=claim("sub"), recipe_user=claim("rsub"), tenant=claim("tId"), session=claim("sessionHandle"),
        expires=_epoch(claim("exp")), decided=None, checked="token", payload=text(custom), _now=now,
    ))


def _epoch(seconds: str) -> int | None:
    """Read whole seconds since 1970."""
    return int(seconds) if re.fullmatch(r"[+-]?[0-9]{1,15}", seconds) else None
