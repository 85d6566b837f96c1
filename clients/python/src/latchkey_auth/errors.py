"""What can go wrong, and what a backend answers then."""

from __future__ import annotations

from typing import Any

_REASONS = {
    "no_caller": "no authorizer has said who is calling",
    "anonymous": "nobody is signed in",
    "expired": "the access token has ended",
    "stale": "the authorizer's decision does not cover this request",
    "over": "the session has ended",
}


class CallerError(Exception):
    """The event names no caller whom the backend may believe.

    code says why: "no_caller" (no authorizer decided), "anonymous" (nobody is
    signed in), "expired" (the access token ended) or "stale" (the decision does
    not cover a request that may change something). Of a Session it is also "over":
    the store says that it has ended.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"latchkey: {_REASONS[code]}")
        self.code = code

    def response(self) -> dict[str, Any]:
        """FDI's 401, on which a frontend refreshes its session."""
        return _json(401, '{"message":"unauthorised"}')


class ClaimsError(Exception):
    """The caller's claims do not allow the request. body is FDI's 403, as text."""

    def __init__(self, failures: list[dict[str, Any]], body: str) -> None:
        super().__init__("latchkey: invalid claims: " + ", ".join(f["id"] for f in failures))
        self.failures = failures
        self.body = body

    def response(self) -> dict[str, Any]:
        """FDI's 403, whose claimValidationErrors tell the frontend what failed."""
        return _json(403, self.body)


class AdminError(Exception):
    """A call of the admin API failed.

    It did so by an answer with that status and code, or without an answer
    (status 0, code "unreachable"). A 503 changes nothing that a repeat does not
    finish.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"latchkey: {status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail

    def response(self) -> dict[str, Any]:
        """Return a 503 for a frontend, which may try again."""
        return _json(503, '{"message":"temporarily unavailable, please try again"}')


def _json(status: int, body: str) -> dict[str, Any]:
    headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": body}
