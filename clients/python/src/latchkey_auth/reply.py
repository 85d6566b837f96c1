"""Puts a reply of the admin API into a backend's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXPOSE = "access-control-expose-headers"


def with_reply(kind: str, answer: Mapping[str, Any], reply: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer with the reply in it, as the event's kind of API wants it.

    The reply is the headers and cookies for a frontend. Its headers take the place
    of the answer's, its cookies are added to them, and what both expose is exposed.
    """
    if kind == "websocket":
        raise ValueError("latchkey: what a WebSocket is answered reaches no frontend")
    if not isinstance(answer, Mapping) or not isinstance(answer.get("statusCode"), int):
        raise TypeError("latchkey: an answer needs a statusCode")
    headers, many = dict(answer.get("headers") or {}), dict(answer.get("multiValueHeaders") or {})
    exposed = _merged([*_take(headers, _EXPOSE), *_take(many, _EXPOSE), reply["headers"].get(_EXPOSE, "")])
    for name in reply["headers"]:
        _take(headers, name), _take(many, name)
    headers.update(reply["headers"])
    if exposed:
        headers[_EXPOSE] = exposed
    whole = {**answer, "headers": headers}
    if kind == "http":
        whole.pop("multiValueHeaders", None)
        return {**whole, "cookies": [*(answer.get("cookies") or []), *reply["cookies"]]}
    many["set-cookie"] = [*_take(headers, "set-cookie"), *_take(many, "set-cookie"), *reply["cookies"]]
    return {**whole, "multiValueHeaders": many}


def _take(headers: dict[str, Any], name: str) -> list[Any]:
    """Remove the headers of that name, however it is spelled, and return their values."""
    taken = [headers.pop(key) for key in list(headers) if key.lower() == name]
    return [v for value in taken for v in (value if isinstance(value, list) else [value])]


def _merged(lists: list[str]) -> str:
    names = [name.strip() for each in lists for name in each.split(",")]
    return ", ".join({name.lower(): name for name in reversed(names) if name}.values().__reversed__())
