"""A reply of the admin API.

It is the headers and cookies that a backend puts into its own answer, for the
frontend.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXPOSE = "access-control-expose-headers"


def combined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a frontend must be told that was told the first reply and then the second."""
    headers = {**first["headers"], **second["headers"]}
    if exposed := _union([first["headers"].get(_EXPOSE), second["headers"].get(_EXPOSE)]):
        headers[_EXPOSE] = exposed
    return {"headers": headers, "cookies": _latest([*first["cookies"], *second["cookies"]])}


def with_reply(kind: str, answer: Mapping[str, Any], reply: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer with the reply in it, as the event's kind of API wants it.

    The reply's headers take the place of the answer's, its cookies are added to
    them, and what both expose is exposed.
    """
    if kind == "websocket":
        raise ValueError("latchkey: what a WebSocket is answered reaches no frontend")
    if not isinstance(answer, Mapping) or not isinstance(answer.get("statusCode"), int):
        raise TypeError("latchkey: an answer needs a statusCode")
    rest = {name: value for name, value in answer.items() if name not in ("multiValueHeaders", "cookies")}
    headers, many = dict(answer.get("headers") or {}), dict(answer.get("multiValueHeaders") or {})
    exposed = _union([*_take(headers, _EXPOSE), *_take(many, _EXPOSE), reply["headers"].get(_EXPOSE)])
    for name in reply["headers"]:
        _take(headers, name)
        _take(many, name)
    headers.update(reply["headers"], **({_EXPOSE: exposed} if exposed else {}))
    if kind == "http":
        return {**rest, "headers": headers, "cookies": _latest([*(answer.get("cookies") or []), *reply["cookies"]])}
    cookies = [*_take(headers, "set-cookie"), *_take(many, "set-cookie"), *reply["cookies"]]
    return {**rest, "headers": headers, "multiValueHeaders": {**many, "set-cookie": _latest(cookies)}}


def _take(headers: dict[str, Any], name: str) -> list[Any]:
    """Remove the headers of that name, however it is spelled, and return their values."""
    taken = [headers.pop(key) for key in list(headers) if key.lower() == name]
    return [v for value in taken for v in (value if isinstance(value, list) else [value])]


def _union(lists: list[str | None]) -> str:
    """Merge comma-separated lists of header names."""
    names: dict[str, str] = {}
    for name in (name.strip() for each in lists for name in (each or "").split(",")):
        names.setdefault(name.lower(), name)
    return ", ".join(filter(None, names.values()))


def _latest(cookies: list[str]) -> list[str]:
    """Leave out cookies that a later one of the same name, domain and path replaces.

    API Gateway bounds all headers together, and a token is long.
    """
    places = [_place(cookie) for cookie in cookies]
    return [cookie for i, cookie in enumerate(cookies) if places[i] not in places[i + 1:]]


def _place(cookie: str) -> tuple[str, str, str]:
    pair, *attributes = [part.strip() for part in cookie.split(";")]
    found = {name.lower(): value for name, _, value in (a.partition("=") for a in attributes)}
    return pair.partition("=")[0], found.get("domain", "").lower(), found.get("path", "")
