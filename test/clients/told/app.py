"""A backend that does with its caller's session what the body tells it."""

import json

from latchkey_auth import Latchkey

latchkey = Latchkey()
NAMES = {"setClaim": "set_claim", "removeClaim": "remove_claim", "putData": "put_data"}


def told(session, event, context=None):
    body = json.loads(event["body"])
    for name, *args in body["calls"]:
        getattr(session, NAMES.get(name, name))(*args)
    return body["answer"]


signed_in = latchkey.with_session(told)


def handler(event, context):
    if not json.loads(event["body"]).get("start"):
        return signed_in(event, context)
    session = latchkey.start(event, user_id="u1", epoch="0.0")
    return session.answer(told(session, event))
