// What a browser with the unmodified SuperTokens clients sees of Latchkey, in
// cookie mode and in header mode, page and API on different origins. The
// times are short, so that real rotations happen; nothing here sleeps.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { kinds, newEmail, password, startWorld, walks } from "./world.mjs";

const parameters = { AccessTokenSeconds: 3, ReplayWindowSeconds: 3, RotationGapSeconds: 3 };
const rotationGap = parameters.RotationGapSeconds * 1000;

walks(kinds, () => startWorld(parameters), session);

function session(kind, enter) {
  let world, api, proxy;
  before(async () => ({ api, proxy } = world = await enter()));

  const signedIn = () => world.signedIn(kind);
  const tab = (context) => world.tab(context, kind);

  // rotatable waits until the next refresh will rotate the session.
  async function rotatable(app) {
    const { up } = await app.frontToken();
    await app.until(up.iat * 1000 + 1000 + rotationGap);
  }

  // rotated brings the session to its next generation.
  async function rotated(app) {
    const generation = await app.generation();
    await rotatable(app);
    assert.equal(await app.run("refresh"), true);
    assert.equal(await app.generation(), generation + 1, "generation after a refresh");
  }

  test("sign-up tells which field is wrong, then signs in", async () => {
    const context = await world.browser.newContext();
    const app = await tab(context);
    const email = newEmail();
    const bad = await app.run("signUp", "not an address", "short");
    assert.equal(bad.status, "FIELD_ERROR");
    assert.deepEqual(bad.formFields.map((f) => f.id).sort(), ["email", "password"]);
    assert.equal(await app.run("exists"), false);

    const good = await app.run("signUp", email, password);
    assert.equal(good.status, "OK");
    assert.deepEqual(good.user.emails, [email]);
    assert.equal(await app.run("exists"), true);
    assert.equal(await app.run("user"), good.user.id);

    if (kind.client === "web-js") {
      assert.equal((await app.run("emailExists", email)).doesExist, true);
      assert.equal((await app.run("emailExists", newEmail())).doesExist, false);
    }
    const again = await app.run("signUp", email, password);
    assert.equal(again.status, "FIELD_ERROR");
    assert.equal(again.formFields[0].error, "This email already exists. Please sign in instead.");
    await context.close();
  });

  test("sign-in with a wrong password is refused, with the right one it works", async () => {
    const { context, app, email } = await signedIn();
    await app.run("signOut");
    assert.equal((await app.run("signIn", email, "wrong " + password)).status, "WRONG_CREDENTIALS_ERROR");
    assert.equal(await app.run("exists"), false);
    assert.equal((await app.run("signIn", email, password)).status, "OK");
    assert.equal((await app.run("call", "GET", "/notes")).status, 200);
    assert.equal((await app.run("call", "POST", "/notes", { text: "hello" })).status, 201);
    await context.close();
  });

  test("three parallel calls after expiry cause one refresh", async () => {
    const { context, app } = await signedIn();
    await app.untilExpired();
    const mark = proxy.mark();
    proxy.gather("/notes", 3);
    const answers = await app.run("calls", 3, "GET", "/notes");
    assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
    const refused = Array(3).fill("GET /notes 401"), passed = Array(3).fill("GET /notes 200");
    assert.deepEqual(proxy.seen(mark), [...refused, "POST /auth/session/refresh 200", ...passed]);
    await context.close();
  });

  test("two tabs refresh at once and both stay signed in, over several rotations", async () => {
    const { context, app } = await signedIn();
    const other = await tab(context);
    for (let round = 0; round < 3; round++) {
      const generation = await app.generation();
      await rotatable(app);
      const mark = proxy.mark();
      const answers = await Promise.all([app.run("refresh"), other.run("refresh"), app.run("call", "GET", "/notes"), other.run("call", "POST", "/notes", { text: "x" })]);
      assert.deepEqual([answers[0], answers[1], answers[2].status, answers[3].status], [true, true, 200, 201]);
      assert.equal(await app.generation(), generation + 1, `generation after round ${round}`);
      assert.deepEqual([...new Set(proxy.refreshes(mark).map((r) => r.status))], [200]);
    }
    await context.close();
  });

  test("a refresh whose answer is lost is repeated and succeeds", async () => {
    const { context, app } = await signedIn();
    await rotated(app);
    const generation = await app.generation();
    await rotatable(app);
    const mark = proxy.mark();
    proxy.loseNext("/auth/session/refresh");
    const first = await app.run("call", "GET", "/notes");
    if (first.status !== 200) assert.equal((await app.run("call", "GET", "/notes")).status, 200);
    const refreshes = proxy.refreshes(mark);
    assert.equal(refreshes[0].lost, true);
    assert.deepEqual(refreshes.map((r) => r.status), [200, 200]);
    assert.equal(await app.generation(), generation + 1, "one rotation for both");
    await context.close();
  });

  test("a retired refresh token ends the session", async () => {
    const { context, app } = await signedIn();
    const retired = await app.refreshToken();
    await rotated(app);
    await rotated(app);
    assert.deepEqual(await world.bearer("POST", "/auth/session/refresh", retired), { status: 401, front: "remove" });
    assert.equal(await app.run("refresh"), false);
    assert.equal(await app.run("exists"), false);
    await context.close();
  });

  test("a revoked session that only reads is sent to sign-in at its next refresh", async () => {
    const { context, app } = await signedIn();
    assert.equal(api.admin("DELETE", `/admin/sessions/${await app.handle()}`).status, 200);
    await app.untilExpired();
    const mark = proxy.mark();
    assert.equal((await app.run("call", "GET", "/notes")).status, 401);
    assert.deepEqual(proxy.seen(mark), ["GET /notes 401", "POST /auth/session/refresh 401"]);
    assert.equal((await app.events()).includes("UNAUTHORISED"), true);
    assert.equal(await app.run("exists"), false);
    assert.equal(await app.refreshToken(), undefined);
    await context.close();
  });

  test("claims changed by a backend and a role are in the front token after a refresh", async () => {
    const { context, app, user } = await signedIn();
    const mark = proxy.mark();
    assert.equal((await app.run("call", "GET", "/reports")).status, 403);
    assert.deepEqual(proxy.seen(mark), ["GET /reports 403"]);
    assert.equal(await app.run("exists"), true, "a refused claim does not end the session");
    const claim = { plan: { v: "gold", t: Date.now() }, greeting: "grüße ✓" };
    assert.equal(api.admin("PATCH", `/admin/sessions/${await app.handle()}/claims`, claim).status, 200);
    const role = { v: ["admin"], t: Date.now() };
    assert.equal(api.admin("PATCH", `/admin/users/${user}/claims`, { "st-role": role }).status, 200);
    assert.equal(await app.run("refresh"), true);
    const { up } = await app.frontToken();
    assert.deepEqual([up.plan, up.greeting, up["st-role"]], [claim.plan, claim.greeting, role]);
    assert.deepEqual((await app.run("payload")).greeting, claim.greeting);
    assert.equal((await app.run("call", "GET", "/reports")).status, 200);
    await context.close();
  });

  test("an optional route greets strangers and users, and an expired token is refreshed first", async () => {
    const stranger = await world.browser.newContext();
    const nobody = await tab(stranger);
    const anonymous = await nobody.run("call", "GET", "/greeting");
    assert.equal(anonymous.status, 200);
    const { context, app, user } = await signedIn();
    assert.equal((await app.run("call", "GET", "/greeting")).body.includes(user), true);
    assert.equal(anonymous.body.includes(user), false);
    await app.untilExpired();
    const mark = proxy.mark();
    assert.equal((await app.run("call", "GET", "/greeting")).body.includes(user), true);
    assert.equal(proxy.refreshes(mark).length, 1);
    await Promise.all([context.close(), stranger.close()]);
  });
}
