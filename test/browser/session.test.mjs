// What a browser with the unmodified SuperTokens clients sees of Latchkey, in
// cookie mode and in header mode, page and API on different origins. The
// times are short, so that real rotations happen; nothing here sleeps.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { open, startBrowser } from "./browser.mjs";
import { startAPI, startPage, startProxy } from "./servers.mjs";

const parameters = { AccessTokenSeconds: 2, ReplayWindowSeconds: 2, RotationGapSeconds: 3 };
const rotationGap = parameters.RotationGapSeconds * 1000;
const password = "correct horse battery staple";

let page, api, proxy, browser;

before(async () => {
  page = await startPage();
  api = await startAPI({ ...parameters, AllowedOrigins: page.origin });
  proxy = await startProxy(api.url);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await proxy?.stop();
  await api?.stop();
  await page?.stop();
});

let users = 0;
const newEmail = () => `user${++users}-${process.pid}@example.com`;

for (const mode of ["cookie", "header"]) {
  for (const client of ["web-js", "website"]) {
    describe(`${client}, ${mode} mode`, () => session(mode, client));
  }
}

test("the API logged none of the tokens and passwords of all this", () => {
  const log = api.log();
  assert.match(log, /session/, "the API logged nothing");
  const secrets = [...proxy.secrets, password];
  assert.equal(secrets.length > 100, true, `only ${secrets.length} secrets passed`);
  assert.deepEqual(secrets.filter((secret) => log.includes(secret)), []);
});

function session(mode, client) {
  const tab = (context) => open(context, { page: page.origin, api: proxy.origin, mode, client });

  // signedIn opens a tab of a fresh browser profile with a new user in it.
  async function signedIn() {
    const context = await browser.newContext();
    const app = await tab(context);
    const email = newEmail();
    const answer = await app.run("signUp", email, password);
    assert.equal(answer.status, "OK", JSON.stringify(answer));
    return { context, app, email, user: answer.user.id };
  }

  // rotated brings the session to its next generation.
  async function rotated(app) {
    const generation = await app.generation();
    const { up } = await app.frontToken();
    await app.until(up.iat * 1000 + 1000 + rotationGap);
    assert.equal(await app.run("refresh"), true);
    assert.equal(await app.generation(), generation + 1, "generation after a refresh");
  }

  const handleOf = async (app) => (await app.frontToken()).up.sessionHandle;

  test("sign-up tells which field is wrong, then signs in", async () => {
    const context = await browser.newContext();
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

    if (client === "web-js") {
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
    const answers = await Promise.all([1, 2, 3].map(() => app.run("call", "GET", "/notes")));
    assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
    assert.equal(proxy.refreshes(mark).length, 1);
    await context.close();
  });

  test("two tabs refresh at once and both stay signed in, over several rotations", async () => {
    const { context, app } = await signedIn();
    const other = await tab(context);
    for (let round = 0; round < 3; round++) {
      const generation = await app.generation();
      const { up } = await app.frontToken();
      await app.until(up.iat * 1000 + 1000 + rotationGap);
      const answers = await Promise.all([app.run("refresh"), other.run("refresh"), app.run("call", "GET", "/notes"), other.run("call", "POST", "/notes", { text: "x" })]);
      assert.deepEqual([answers[0], answers[1], answers[2].status, answers[3].status], [true, true, 200, 201]);
      assert.equal(await app.generation(), generation + 1, `generation after round ${round}`);
    }
    await context.close();
  });

  test("a refresh whose answer is lost is repeated and succeeds", async () => {
    const { context, app } = await signedIn();
    await rotated(app);
    const generation = await app.generation();
    const { up } = await app.frontToken();
    await app.until(up.iat * 1000 + 1000 + rotationGap);
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
    const thief = await fetch(`${api.url}/auth/session/refresh`, {
      method: "POST",
      headers: { rid: "session", "st-auth-mode": "header", authorization: `Bearer ${retired}` },
    });
    assert.equal(thief.status, 401);
    assert.equal(thief.headers.get("front-token"), "remove");
    assert.equal(await app.run("refresh"), false);
    assert.equal(await app.run("exists"), false);
    await context.close();
  });

  test("sign-out ends the session here and in the other tab", async () => {
    const { context, app } = await signedIn();
    const other = await tab(context);
    await app.run("signOut");
    assert.equal(await app.run("exists"), false);
    assert.equal(await other.run("exists"), false);
    assert.equal((await app.run("call", "POST", "/notes", { text: "no" })).status, 401);
    assert.equal((await app.events()).includes("SIGN_OUT"), true);
    assert.equal(await app.refreshToken(), undefined);
    await context.close();
  });

  test("a session revoked elsewhere is refused on POST at once and sent to sign-in", async () => {
    const { context, app, email } = await signedIn();
    const elsewhere = await browser.newContext();
    const device = await tab(elsewhere);
    assert.equal((await device.run("signIn", email, password)).status, "OK");
    const handle = await handleOf(app);
    assert.equal((await device.run("call", "DELETE", `/auth/sessions/${handle}`)).status, 200);

    const mark = proxy.mark();
    const post = await app.run("call", "POST", "/notes", { text: "no" });
    assert.equal(post.status, 401);
    assert.deepEqual(proxy.seen(mark), ["POST /notes 401", "POST /auth/session/refresh 401"]);
    assert.equal((await app.events()).includes("UNAUTHORISED"), true);
    assert.equal(await app.run("exists"), false);
    assert.equal((await device.run("call", "POST", "/notes", { text: "yes" })).status, 201);
    await Promise.all([context.close(), elsewhere.close()]);
  });

  test("a revoked session that only reads is sent to sign-in at its next refresh", async () => {
    const { context, app } = await signedIn();
    assert.equal(api.admin("DELETE", `/admin/sessions/${await handleOf(app)}`).status, 200);
    await app.untilExpired();
    const mark = proxy.mark();
    assert.equal((await app.run("call", "GET", "/notes")).status, 401);
    assert.deepEqual(proxy.seen(mark), ["GET /notes 401", "POST /auth/session/refresh 401"]);
    assert.equal((await app.events()).includes("UNAUTHORISED"), true);
    assert.equal(await app.run("exists"), false);
    assert.equal(await app.refreshToken(), undefined);
    await context.close();
  });

  test("an administrator's revocation is felt the same way", async () => {
    const { context, app } = await signedIn();
    assert.equal(api.admin("DELETE", `/admin/sessions/${await handleOf(app)}`).status, 200);
    assert.equal((await app.run("call", "POST", "/notes", { text: "no" })).status, 401);
    assert.equal(await app.run("exists"), false);
    await context.close();
  });

  test("claims changed by a backend act at once on checked requests, and are in the front token after a refresh", async () => {
    const { context, app } = await signedIn();
    const refused = await app.run("call", "GET", "/reports");
    assert.equal(refused.status, 403);
    const claim = { "st-role": { v: ["admin"], t: Date.now() }, greeting: "grüße ✓" };
    assert.equal(api.admin("PATCH", `/admin/sessions/${await handleOf(app)}/claims`, claim).status, 200);
    assert.equal(await app.run("refresh"), true);
    const { up } = await app.frontToken();
    assert.deepEqual([up["st-role"], up.greeting], [claim["st-role"], claim.greeting]);
    assert.deepEqual((await app.run("payload")).greeting, claim.greeting);
    assert.equal((await app.run("call", "GET", "/reports")).status, 200);
    await context.close();
  });

  test("an optional route greets strangers and users, and an expired token is refreshed first", async () => {
    const stranger = await browser.newContext();
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
