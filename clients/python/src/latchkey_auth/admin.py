"""A client of the admin API.

Requests are signed (AWS_IAM, SigV4), JSON goes in and out, and a failure is an
AdminError.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError as ConnectError
from botocore.exceptions import HTTPClientError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session

from .errors import AdminError
from .exact import text
from .handle import handle_in_path, user_in_path


class Versioned(NamedTuple):
    """A JSON object and its version."""

    value: dict[str, Any]
    version: int


class Admin:
    """A client of the admin API. Every call may raise an AdminError."""

    def __init__(
        self, url: str | None = None, *, region: str | None = None, credentials: Any = None, timeout: float = 10
    ) -> None:
        """Make a client.

        url is where Latchkey's API is (default: LATCHKEY_URL of the environment),
        region that of the API (AWS_REGION), credentials botocore's (those of the
        function's role), timeout in seconds.
        """
        self._url = (url or os.environ.get("LATCHKEY_URL", "")).rstrip("/")
        self._region = region or os.environ.get("AWS_REGION", "")
        if not self._url or not self._region:
            raise ValueError("latchkey: url and region are needed, or LATCHKEY_URL and AWS_REGION")
        self._credentials = credentials
        self._http = URLLib3Session(timeout=timeout)

    def start_session(
        self, user_id: str, *, mode: str, epoch: str, tenant_id: str | None = None, recipe_user_id: str | None = None,
        issued_at: int | None = None, claims: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None,
        device: str | None = None, replaces: str | None = None,
    ) -> dict[str, Any]:
        """Start a session. Returns its info and the reply for the frontend."""
        start = {
            "userId": user_id, "mode": mode, "epoch": epoch, "tenantId": tenant_id, "recipeUserId": recipe_user_id,
            "issuedAt": issued_at, "claims": claims, "data": data, "device": device, "replaces": replaces,
        }
        return self._body("POST", "/admin/sessions", body={n: v for n, v in start.items() if v is not None})

    def session(self, handle: str) -> dict[str, Any]:
        """Return a session's info. AdminError session_not_found if it is over."""
        return self._body("GET", _session(handle))

    def revoke(self, handle: str) -> dict[str, Any]:
        """End a session, also one that is over. Returns the reply that clears the frontend."""
        return self._body("DELETE", _session(handle))["reply"]

    def revoke_many(self, handles: Sequence[str]) -> None:
        """End 1 to 100 sessions."""
        self._body("POST", "/admin/sessions/revoke", body={"handles": [handle_in_path(h) for h in handles]})

    def revoke_all(self, user: str, *, tenant_id: str | None = None, except_: str | None = None) -> None:
        """End all sessions of a user, but the one that except_ names."""
        query = {"tenantId": tenant_id, "except": except_ and handle_in_path(except_)}
        self._body("DELETE", _user(user) + "/sessions", query)

    def sessions(self, user: str, *, tenant_id: str | None = None) -> list[dict[str, Any]]:
        """Return a user's live sessions, newest first."""
        return self._body("GET", _user(user) + "/sessions", {"tenantId": tenant_id})["sessions"]

    def data(self, handle: str) -> Versioned:
        """Return a session's data, with its version."""
        return self._versioned("GET", _session(handle) + "/data")

    def put_data(self, handle: str, data: Mapping[str, Any], *, version: int | None = None) -> int:
        """Replace a session's data, only if it has still that version where one is given.

        Returns the new version.
        """
        return self._versioned("PUT", _session(handle) + "/data", body=data, version=version).version

    def merge_claims(self, handle: str, claims: Mapping[str, Any], *, version: int | None = None) -> Versioned:
        """Merge into a session's own claims; None removes one.

        The frontend sees them after token or a refresh.
        """
        return self._versioned("PATCH", _session(handle) + "/claims", body=claims, version=version)

    def token(self, handle: str, mode: str) -> dict[str, Any]:
        """Ask for a new access token. Returns the session's info and the reply for the frontend."""
        return self._body("POST", _session(handle) + "/token", body={"mode": mode})

    def user(self, user: str, *, tenant_id: str | None = None) -> dict[str, Any]:
        """Return a user, by any id: epoch, disabled, account."""
        return self._body("GET", _user(user), {"tenantId": tenant_id})

    def set_disabled(self, user: str, disabled: bool, *, tenant_id: str | None = None) -> dict[str, Any]:
        """Keep a user out, and end all sessions; or admit the user again."""
        return self._body("PATCH", _user(user), {"tenantId": tenant_id}, {"disabled": disabled})

    def users(
        self, *, tenant_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return a page of users with an account, newest first.

        It has next, the cursor of the next page, unless it is the last.
        """
        query = {"tenantId": tenant_id, "limit": None if limit is None else str(limit), "cursor": cursor}
        return self._body("GET", "/admin/users", query)

    def user_by_email(self, email: str, *, tenant_id: str | None = None) -> dict[str, Any] | None:
        """Return the user who has the e-mail address, without the epoch; None if nobody has it."""
        found = self._body("GET", "/admin/users", {"tenantId": tenant_id, "email": email})["users"]
        return found[0] if found else None

    def add_user(self, user: Mapping[str, Any], *, tenant_id: str | None = None) -> dict[str, Any]:
        """Add a user, of whom email is needed.

        The same again adds nobody and returns the user who is there.
        """
        return self._body("POST", "/admin/users", {"tenantId": tenant_id}, user)

    def change_user(self, user: str, change: Mapping[str, Any], *, tenant_id: str | None = None) -> dict[str, Any]:
        """Change a user: disabled, email, verified."""
        return self._body("PATCH", _user(user), {"tenantId": tenant_id}, change)

    def delete_user(self, user: str, *, tenant_id: str | None = None) -> None:
        """End all sessions of a user, empty the claims and remove the account. To be repeated after a failure."""
        self._body("DELETE", _user(user), {"tenantId": tenant_id})

    def user_claims(self, user: str, *, tenant_id: str | None = None) -> Versioned:
        """Return the claims of all sessions of a user, with their version."""
        return self._versioned("GET", _user(user) + "/claims", {"tenantId": tenant_id})

    def merge_user_claims(
        self, user: str, claims: Mapping[str, Any], *, tenant_id: str | None = None, version: int | None = None
    ) -> Versioned:
        """Merge into a user's claims; None removes one."""
        return self._versioned("PATCH", _user(user) + "/claims", {"tenantId": tenant_id}, claims, version)

    def _body(self, method: str, path: str, query: Mapping[str, str | None] = {}, body: Any = None) -> dict[str, Any]:
        return self._send(method, path, query, body, None)[0]

    def _versioned(
        self, method: str, path: str, query: Mapping[str, str | None] = {}, body: Any = None, version: int | None = None
    ) -> Versioned:
        value, etag = self._send(method, path, query, body, version)
        found = re.fullmatch(r'"([0-9]+)"', etag)
        if not found:
            raise AdminError(200, "unreadable", "the answer has no version")
        return Versioned(value, int(found[1]))

    def _send(
        self, method: str, path: str, query: Mapping[str, str | None], body: Any, version: int | None
    ) -> tuple[dict[str, Any], str]:
        given = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items() if value is not None)
        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = "application/json"
        if version is not None:
            headers["if-match"] = f'"{version}"'
        content = None if body is None else text(body).encode()
        request = AWSRequest(method, self._url + path + (given and "?" + given), headers, content)
        SigV4Auth(self._signer(), "execute-api", self._region).add_auth(request)
        try:
            response = self._http.send(request.prepare())
            return _answer(response.status_code, response.content), response.headers.get("etag", "")
        except (ConnectError, HTTPClientError) as error:
            raise AdminError(0, "unreachable", "no answer") from error

    def _signer(self) -> Any:
        if self._credentials is None:
            self._credentials = get_session().get_credentials()
        if self._credentials is None:
            raise NoCredentialsError
        return self._credentials.get_frozen_credentials()


def _session(handle: str) -> str:
    return "/admin/sessions/" + handle_in_path(handle)


def _user(user: str) -> str:
    return "/admin/users/" + user_in_path(user)


def _answer(status: int, content: bytes) -> dict[str, Any]:
    """Return the body of a success. API Gateway's own answers, such as its 403, have no code."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if 200 <= status < 300:
        if not isinstance(body, dict):
            raise AdminError(status, "unreadable", "the answer is no JSON object")
        return body
    told = body if isinstance(body, dict) else {}
    code = told.get("code") or ("forbidden" if status == 403 else "unknown")
    raise AdminError(status, str(code), str(told.get("detail") or told.get("message") or ""))
