"""A small backend in Python behind Latchkey's authorizer.

It has notes that a signed-in user reads and writes, reports for administrators,
and what a backend does with a session. The notes are kept in memory, for as long
as the sandbox lives.
"""

import base64
import json
import time
import uuid

from latchkey_auth import Latchkey, includes

latchkey = Latchkey()  # of the environment: LATCHKEY_URL, AWS_REGION, the function's role
MAX_NOTES = 100  # of one user; the oldest gives way
MAX_USERS = 1000  # whose notes are kept
notes = {}  # by tenant and user: a user id means nothing without its tenant


def answer(status, body):
    headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}


@latchkey.with_session
def list_notes(session, event, context):
    return answer(200, {"notes": notes.get((session.tenant, session.user), [])})


@latchkey.with_session
def add_note(session, event, context):
    text = text_of(event)
    if not text or len(text.encode()) > 1000:
        return answer(400, {"message": "a note is a JSON object with a text of at most 1,000 bytes"})
    owner = (session.tenant, session.user)
    if owner not in notes and len(notes) >= MAX_USERS:
        return answer(507, {"message": "no room for another user's notes"})
    notes[owner] = [*notes.get(owner, []), {"text": text}][-MAX_NOTES:]
    return answer(201, {"text": text})


@latchkey.with_optional_session
def greet(session, event, context):
    """Greet callers who are not signed in, too."""
    return answer(200, {"message": f"Hello, {session.user if session else 'stranger'}"})


@latchkey.with_session
def reports(session, event, context):
    """Serve administrators: by POST from when the role is given until it is taken away, by GET as the token says."""
    session.assert_claims(includes("st-role", "admin"))
    return answer(200, {"reports": []})


@latchkey.with_session
def tell_plan(session, event, context):
    return answer(200, {"plan": session.claims.get("plan")})


@latchkey.with_session
def plan(session, event, context):
    """Set a claim, which the next request of the page has, a GET too."""
    session.set_claim("plan", "pro")
    return answer(200, {"plan": session.claims["plan"]})


@latchkey.with_session
def leave(session, event, context):
    """End the session; the page knows at once."""
    session.revoke()
    return answer(200, {"status": "OK"})


def guest(event, context):
    """Start a session after a login of the backend's own; here everybody is somebody new."""
    user = latchkey.admin.user(f"guest:{uuid.uuid4()}")
    claims = {"guest": {"v": True, "t": round(time.time() * 1000)}}
    session = latchkey.start(event, user_id=user["userId"], epoch=user["epoch"], claims=claims)
    return session.answer(answer(201, {"user": session.user}))


ROUTES = {
    "GET /notes": list_notes, "POST /notes": add_note, "GET /greeting": greet, "GET /reports": reports,
    "POST /reports": reports, "GET /plan": tell_plan, "POST /plan": plan, "POST /leave": leave, "POST /guest": guest,
}


def handler(event, context):
    """Answer one request by the route that API Gateway matched."""
    route = ROUTES.get(event.get("routeKey"))
    return route(event, context) if route else answer(404, {"message": "no such route"})


def text_of(event):
    """Return the note's text, "" if there is none.

    API Gateway hands a body over in base64 unless its Content-Type says that it
    is text.
    """
    try:
        body = event.get("body") or ""
        text = json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)["text"]
    except (ValueError, LookupError, TypeError):
        return ""
    return text if isinstance(text, str) else ""
