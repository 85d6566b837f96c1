"""What an event says: of which kind it is, its method and its headers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

# Headers by which some frameworks let the client name another method.
_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")


def kind_of(event: Mapping[str, Any]) -> str:
    """Return "http" (payload format 2.0), "rest" (and payload 1.0) or "websocket"."""
    if event.get("version") == "2.0":
        return "http"
    return "rest" if object_of(event, "requestContext").get("connectionId") is None else "websocket"


def object_of(value: Any, *names: str) -> dict[str, Any]:
    """Return the object at the end of those members, empty if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def header_of(event: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a header, by its name in lower case."""
    many = object_of(event, "multiValueHeaders").items()
    values = [v for key, of in many if key.lower() == name for v in of or []]
    return values or [v for key, v in object_of(event, "headers").items() if key.lower() == name]


def is_read(event: Mapping[str, Any], kind: str) -> bool:
    """Report whether the method is GET or HEAD, beyond doubt."""
    context = object_of(event, "requestContext")
    methods = [event.get("httpMethod"), context.get("httpMethod")]
    if kind == "http":
        methods = [object_of(context, "http").get("method")]
    names = [*object_of(event, "headers"), *object_of(event, "multiValueHeaders")]
    return (
        kind != "websocket"
        and all(m == methods[0] and m in ("GET", "HEAD") for m in methods)
        and not any(name.lower() in _OVERRIDES for name in names)
    )


def transport_of(event: Mapping[str, Any], handle: str) -> str | None:
    """Return how the caller's frontend carries a token of that session.

    It is "cookie", "header", or None if the event has none, as a message of a
    WebSocket. A cookie goes first: a script in the page, which may not see the
    cookie, can add a Bearer that says the same, and must not be given in a header
    what the cookie hides.
    """
    cookies = event.get("cookies") or []
    if kind_of(event) != "http":
        cookies = [cookie for value in header_of(event, "cookie") for cookie in value.split(";")]
    tokens = [re.fullmatch(r" *sAccessToken=(.*)", cookie) for cookie in cookies]
    if any(token and _session_of(token[1]) == handle for token in tokens):
        return "cookie"
    bearers = [re.fullmatch(r"bearer +(\S+)", value, re.IGNORECASE) for value in header_of(event, "authorization")]
    return "header" if any(bearer and _session_of(bearer[1]) == handle for bearer in bearers) else None


def asked_mode(event: Mapping[str, Any]) -> str:
    """Return what a frontend asks a sign-in for: FDI takes anything but "cookie" for "header"."""
    asked = header_of(event, "st-auth-mode")
    return "cookie" if asked and asked[0].lower() == "cookie" else "header"


def _session_of(token: str) -> str | None:
    """Return the session that a token names. It is not verified: the authorizer did that."""
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sessionHandle"]
    except (ValueError, LookupError, TypeError):
        return None
