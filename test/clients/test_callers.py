"""Whom the Python client takes requests to be from: the table of all languages."""

import dataclasses
import json
import os
import pathlib
import re
import unittest

import latchkey_auth as latchkey

TABLE = json.loads(pathlib.Path(os.environ["CALLERS"]).read_text())


def now():
    return TABLE["now"] / 1000


def changed(base, row):
    members = {**base, **row.get("with", {})}
    return {name: value for name, value in members.items() if name not in row.get("without", [])}


def http(method, authorizer):
    return {"version": "2.0", "requestContext": {"http": {"method": method}, "authorizer": authorizer}}


def rest(method, authorizer):
    return {"httpMethod": method, "requestContext": {"httpMethod": method, "authorizer": authorizer}}


def asked(read, event, issuer):
    try:
        caller = read(event, issuer=issuer, now=now)
    except latchkey.CallerError as error:
        return error.code, None
    return ("anonymous", None) if caller is None else ("caller", caller)


VALIDATORS = {
    "equals": latchkey.equals, "includes": latchkey.includes, "includesAll": latchkey.includes_all,
    "includesAny": latchkey.includes_any, "excludes": latchkey.excludes, "excludesAll": latchkey.excludes_all,
}


def validator_of(row):
    v = VALIDATORS[row["op"]](row["claim"], *row["values"])
    if "maxAge" in row:
        v = v.max_age(row["maxAge"])
    if "named" in row:
        v = v.named(row["named"])
    return v.for_tenants(*row["tenants"]) if "tenants" in row else v


def spelled(value):
    """Spell JSON in one way: Python takes True for 1."""
    return re.sub(r"\.0\b", "", json.dumps(value, sort_keys=True))


def caller_with(claims):
    return latchkey.caller_from(http("GET", {"lambda": {**TABLE["context"], "payload": claims}}), now=now)


class Callers(unittest.TestCase):
    def outcome(self, event, issuer=""):
        """Return what became of a caller in the table's words. One who must be there and one who may agree."""
        code, caller = asked(latchkey.optional_caller_from, event, issuer)
        self.assertEqual(asked(latchkey.caller_from, event, issuer)[0], code)
        return code, caller

    def test_contexts_of_our_authorizer(self):
        for row in TABLE["contexts"]:
            context = row["context"] if "context" in row else changed(TABLE["context"], row)
            for method in ("GET", "HEAD", "POST", "get", ""):
                for event in (http(method, {"lambda": context}), rest(method, context)):
                    with self.subTest(row["name"], event=event):
                        code, caller = self.outcome(event)
                        self.assertEqual(code, row["read" if method in ("GET", "HEAD") else "write"])
                        if caller:
                            self.same(caller, context)

    def same(self, caller, context):
        fields = dataclasses.asdict(caller)
        del fields["_now"]
        names = {"recipe_user": "recipeUser", "session": "handle"}
        want = {name: context[names.get(name, name)] for name in fields}
        self.assertEqual(fields, {**want, "expires": int(context["expires"]), "decided": int(context["decided"])})
        self.assertEqual(caller.claims, json.loads(context["payload"]))

    def test_events(self):
        for row in TABLE["events"]:
            with self.subTest(row["name"]):
                self.assertEqual(self.outcome(row["event"], TABLE["issuer"])[0], row["want"])
        for nothing in (None, "text", [], {"requestContext": "text", "headers": None}):
            self.assertEqual(self.outcome(nothing)[0], "no_caller")

    def test_claims_of_api_gateways_own_jwt_authorizer(self):
        for row in TABLE["jwt"]:
            claims = row.get("claims", changed(TABLE["claims"], row))
            method = row.get("method", "GET")
            for event in (http(method, {"jwt": {"claims": claims}}), rest(method, {"claims": claims, "scopes": None})):
                with self.subTest(row["name"], event=event):
                    code, caller = self.outcome(event, row.get("issuer", TABLE["issuer"]))
                    self.assertEqual(code, row["want"])
                    if caller:
                        found = (caller.user, caller.session, caller.decided, caller.checked)
                        self.assertEqual(found, ("u1", claims["sessionHandle"], None, "token"))
                        self.assertEqual(caller.claims, {"st-role": claims["st-role"]})
                        with self.assertRaises(latchkey.ClaimsError):
                            caller.require(latchkey.includes("st-role", "admin"))


class Validators(unittest.TestCase):
    def failures(self, caller, *validators):
        try:
            caller.require(*validators)
        except latchkey.ClaimsError as error:
            self.assertEqual(error.response()["statusCode"], 403)
            body = json.loads(error.body)
            self.assertEqual(body["message"], "invalid claim")
            return body["claimValidationErrors"]
        return []

    def test_validators(self):
        for row in TABLE["validators"]:
            with self.subTest(row["name"]):
                found = self.failures(caller_with(row["claims"]), validator_of(row["validator"]))
                want = [row["failure"]] if row["failure"] else []
                self.assertEqual(spelled(found), spelled(want))

    def test_validators_of_ones_own(self):
        caller = caller_with('{"a":7}')
        self.assertEqual(self.failures(caller, latchkey.func("f", lambda c: c.user == "u1" and c.claims["a"] == 7)), [])
        for verdict, reason in ((False, {}), (1, {}), (None, {}), ({"message": "no"}, {"reason": {"message": "no"}})):
            self.assertEqual(self.failures(caller, latchkey.func("f", lambda _: verdict)), [{"id": "f", **reason}])
        both = self.failures(caller, latchkey.is_true("x"), latchkey.func("f", lambda _: True), latchkey.is_false("y"))
        self.assertEqual([f["id"] for f in both], ["x", "y"])

    def test_validators_that_nobody_could_pass_cannot_be_made(self):
        for make in (
            lambda: latchkey.equals("c", None), lambda: latchkey.equals("c", {}),
            lambda: latchkey.equals("c", float("nan")), lambda: latchkey.equals("", 1), lambda: latchkey.includes_all("c"), lambda: latchkey.includes_any("c", []),
            lambda: latchkey.is_true("c").for_tenants(), lambda: latchkey.is_true("c").named(""),
            lambda: latchkey.is_true("c").max_age(float("nan")), lambda: latchkey.func("f", None),
            lambda: latchkey.func("f", lambda _: True).max_age(1),
        ):
            self.assertRaises((TypeError, ValueError), make)


if __name__ == "__main__":
    unittest.main()
