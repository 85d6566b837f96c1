// What the clients see of a session that was ended while its access token is
// still good: the token lasts for an hour here, so that whatever is refused is
// refused because the session was looked at.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { kinds, password, startWorld, walks } from "./world.mjs";

walks(kinds, () => startWorld({}), revocation);

function revocation(kind, enter) {
  let world, proxy;
  before(async () => ({ proxy } = world = await enter()));

  // isEnded sees a GET pass by the token alone, and a POST refused, after which
  // the client's refresh is refused too and it forgets the session.
  async function isEnded(app) {
    const mark = proxy.mark();
    assert.equal((await app.run("call", "GET", "/notes")).status, 200);
    assert.equal((await app.run("call", "POST", "/notes", { text: "late" })).status, 401);
    assert.deepEqual(proxy.seen(mark), ["GET /notes 200", "POST /notes 401", "POST /auth/session/refresh 401"]);
    assert.equal((await app.events()).includes("UNAUTHORISED"), true);
    assert.equal(await app.run("exists"), false);
    assert.equal(await app.refreshToken(), undefined);
  }

  test("revoked from another device", async () => {
    const { context, app, email } = await world.signedIn(kind);
    const elsewhere = await world.browser.newContext();
    const device = await world.tab(elsewhere, kind);
    assert.equal((await device.run("signIn", email, password)).status, "OK");
    assert.equal((await device.run("call", "DELETE", `/auth/sessions/${await app.handle()}`)).status, 200);

    await isEnded(app);
    assert.equal((await device.run("call", "POST", "/notes", { text: "early" })).status, 201);
    const { body } = await device.run("call", "GET", "/notes");
    assert.deepEqual(JSON.parse(body).notes.map((note) => note.text), ["early"]);
    await Promise.all([context.close(), elsewhere.close()]);
  });

  test("revoked by an administrator", async () => {
    const { context, app } = await world.signedIn(kind);
    assert.equal(world.api.admin("DELETE", `/admin/sessions/${await app.handle()}`).status, 200);
    await isEnded(app);
    await context.close();
  });

  test("sign-out ends the session here, in the other tab, and for a client that kept its tokens", async () => {
    const { context, app } = await world.signedIn(kind);
    const other = await world.tab(context, kind);
    const [access, refresh] = [await app.accessToken(), await app.refreshToken()];
    assert.equal((await world.bearer("POST", "/notes", access)).status, 201);
    await app.run("signOut");
    assert.equal(await app.run("exists"), false);
    assert.equal(await other.run("exists"), false);
    assert.equal((await app.run("call", "POST", "/notes", { text: "late" })).status, 401);
    assert.equal((await app.events()).includes("SIGN_OUT"), true);
    assert.deepEqual([await app.accessToken(), await app.refreshToken()], [undefined, undefined]);

    assert.equal((await world.bearer("GET", "/notes", access)).status, 200);
    assert.equal((await world.bearer("POST", "/notes", access)).status, 401);
    assert.deepEqual(await world.bearer("POST", "/auth/session/refresh", refresh), { status: 401, front: "remove" });
    await context.close();
  });
}
