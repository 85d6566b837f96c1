"""Handles of sessions and ids of users, as they stand in paths."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import quote


def is_handle(text: object) -> bool:
    """Report whether the text is a handle: base64url of 32 bytes, spelled in the one way."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]{43}", text):
        return False
    return _base64url(base64.urlsafe_b64decode(text + "=")) == text


def is_session_of(handle: str, tenant: str, user: str) -> bool:
    """Report whether the handle is of a session of that user."""
    if not is_handle(handle):
        return False
    digest = hashlib.sha256()
    for part in (tenant.encode(), user.encode()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return base64.urlsafe_b64decode(handle + "=")[:16] == digest.digest()[:16]


def handle_in_path(handle: str) -> str:
    """Return a handle for a path. Raises ValueError for anything else."""
    if not is_handle(handle):
        raise ValueError("latchkey: not the handle of a session")
    return handle


def user_in_path(user: str) -> str:
    """Return a user id for a path.

    It is written as it is, or as ~ and base64url if it has characters that API
    Gateway could take for the path's own.
    """
    if not isinstance(user, str) or not user:
        raise ValueError("latchkey: not the id of a user")
    if re.fullmatch(r"[A-Za-z0-9._@|:-]+", user) and user not in (".", ".."):
        return quote(user, safe="")
    return "~" + _base64url(user.encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
