// Whom the Node client takes requests to be from: the table of all languages.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as latchkey from "@latchkey-auth/backend";

const table = JSON.parse(readFileSync(process.env.CALLERS));
const now = () => table.now;

const changed = (base, { with: more = {}, without = [] }) =>
  Object.fromEntries(Object.entries({ ...base, ...more }).filter(([name]) => !without.includes(name)));

const http = (method, authorizer) => ({ version: "2.0", requestContext: { http: { method }, authorizer } });
const rest = (method, authorizer) => ({ httpMethod: method, requestContext: { httpMethod: method, authorizer } });

// What became of a caller in the table's words. One who must be there and one who may agree.
function outcome(event, options) {
  const [code, caller] = asked(() => latchkey.optionalCallerFrom(event, options));
  const [required] = asked(() => latchkey.callerFrom(event, options));
  assert.equal(required, code);
  return [code, caller];
}

function asked(read) {
  try {
    const caller = read();
    return caller === null ? ["anonymous"] : ["caller", caller];
  } catch (error) {
    assert(error instanceof latchkey.CallerError, error);
    return [error.code];
  }
}

test("contexts of our authorizer", () => {
  for (const row of table.contexts) {
    const context = "context" in row ? row.context : changed(table.context, row);
    const events = ["GET", "HEAD", "POST", "get", ""].flatMap((m) => [http(m, { lambda: context }), rest(m, context)]);
    for (const event of events) {
      const method = event.httpMethod ?? event.requestContext.http.method;
      const [code, caller] = outcome(event, { now });
      const want = ["GET", "HEAD"].includes(method) ? row.read : row.write;
      assert.equal(code, want, `${row.name}, ${JSON.stringify(event)}`);
      if (!caller) continue;
      const { claims, ...fields } = caller;
      assert.deepEqual(fields, {
        user: context.user, recipeUser: context.recipeUser, tenant: context.tenant, session: context.handle,
        expires: Number(context.expires), decided: Number(context.decided), checked: context.checked,
      });
      assert.deepEqual(claims, JSON.parse(context.payload));
    }
  }
});

test("events", () => {
  for (const { name, want, event } of table.events) {
    assert.equal(outcome(event, { now, issuer: table.issuer })[0], want, name);
  }
  for (const nothing of [undefined, null, "text", [], { requestContext: "text", headers: null }]) {
    assert.equal(outcome(nothing, { now })[0], "no_caller");
  }
});

test("claims of API Gateway's own JWT authorizer", () => {
  for (const row of table.jwt) {
    const claims = row.claims ?? changed(table.claims, row);
    const method = row.method ?? "GET";
    for (const event of [http(method, { jwt: { claims } }), rest(method, { claims, scopes: null })]) {
      const [code, caller] = outcome(event, { now, issuer: row.issuer ?? table.issuer });
      assert.equal(code, row.want, row.name);
      if (!caller) continue;
      const { user, session, decided, checked } = caller;
      assert.deepEqual([user, session, decided, checked], ["u1", claims.sessionHandle, null, "token"]);
      assert.deepEqual(caller.claims, { "st-role": claims["st-role"] });
      assert.throws(() => caller.require(latchkey.includes("st-role", "admin")), latchkey.ClaimsError);
    }
  }
});

function validatorOf({ op, claim, values, maxAge, named, tenants }) {
  let v = latchkey[op](claim, ...values);
  if (maxAge !== undefined) v = v.maxAge(maxAge);
  if (named !== undefined) v = v.named(named);
  return tenants ? v.forTenants(...tenants) : v;
}

const callerWith = (payload) => latchkey.callerFrom(http("GET", { lambda: { ...table.context, payload } }), { now });

function failuresOf(caller, ...validators) {
  try {
    caller.require(...validators);
    return null;
  } catch (error) {
    assert(error instanceof latchkey.ClaimsError, error);
    assert.equal(error.response().statusCode, 403);
    return error.body;
  }
}

test("validators", () => {
  for (const { name, claims, validator, failure } of table.validators) {
    const body = failuresOf(callerWith(claims), validatorOf(validator));
    const want = failure && { message: "invalid claim", claimValidationErrors: [failure] };
    assert.deepEqual(JSON.parse(body), want, name);
  }
  const large = failuresOf(callerWith('{"c":{"v":9007199254740993}}'), latchkey.equals("c", 9007199254740992));
  assert.match(large, /"actualValue":9007199254740993/);
});

test("validators of one's own", () => {
  const caller = callerWith('{"a":7}');
  const of = (verdict) => latchkey.func("f", () => verdict);
  assert.equal(failuresOf(caller, latchkey.func("f", (c) => c.user === "u1" && c.claims.a === 7)), null);
  const no = { message: "no" };
  for (const [verdict, reason] of [[false], [1], [undefined], [Promise.resolve(true)], [no, no]]) {
    const failure = reason ? { id: "f", reason } : { id: "f" };
    assert.deepEqual(JSON.parse(failuresOf(caller, of(verdict))).claimValidationErrors, [failure]);
  }
  const both = failuresOf(caller, latchkey.isTrue("x"), of(true), latchkey.isFalse("y"));
  assert.deepEqual(JSON.parse(both).claimValidationErrors.map((f) => f.id), ["x", "y"]);
});

test("validators that nobody could pass cannot be made", () => {
  for (const make of [
    () => latchkey.equals("c", null), () => latchkey.equals("c", {}), () => latchkey.equals("c", NaN),
    () => latchkey.equals("", 1),
    () => latchkey.includesAll("c"), () => latchkey.includesAny("c", []), () => latchkey.isTrue("c").forTenants(),
    () => latchkey.isTrue("c").named(""), () => latchkey.isTrue("c").maxAge(NaN), () => latchkey.func("f"),
    () => latchkey.func("f", () => true).maxAge(1),
  ]) {
    assert.throws(make, TypeError);
  }
});
