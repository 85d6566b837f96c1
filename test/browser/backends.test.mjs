// What a page sees of its session in the hands of a backend: what the backend
// does acts on the page's next request, without a refresh. Access tokens last
// for an hour here, so that the client refreshes only where a test has it do so.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { languages } from "./backends.mjs";
import { modes, password, startWorld, walks } from "./world.mjs";

for (const language of languages) {
  describe(`a backend in ${language}`, () => walks(modes, () => startWorld({}, { language }), walk));
}

// walk is one user in one tab, from sign-up on.
function walk(mode, enter) {
  let world, context, app, user, email;
  before(async () => {
    world = await enter();
    ({ context, app, user, email } = await world.signedIn({ ...mode, client: "web-js" }));
  });
  after(() => context?.close());

  // asks makes requests one after the other, and wants exactly these to pass
  // the proxy, with these answers. It returns the last one's body.
  async function asks(...lines) {
    const mark = world.proxy.mark();
    let answer;
    for (const [method, path] of lines.map((line) => line.split(" "))) {
      answer = await app.run("call", method, path, method === "POST" ? { text: "x" } : undefined);
    }
    assert.deepEqual(world.proxy.seen(mark), lines);
    return JSON.parse(answer.body);
  }

  const refreshes = async () => assert.equal(await app.run("refresh"), true);
  // hasRole sets or, by null, removes the claim of the user's roles.
  function hasRole(value) {
    const { status, body } = world.api.admin("PATCH", `/admin/users/${user}/claims`, { "st-role": value });
    assert.equal(status, 200, body);
  }

  // isOut wants the page to be signed out, with nothing left in the browser.
  async function isOut() {
    assert.equal(await app.run("exists"), false);
    assert.equal((await app.events()).at(-1), "SIGN_OUT");
    const left = [await app.frontToken(), await app.accessToken(), await app.refreshToken()];
    assert.deepEqual(left, [null, undefined, undefined]);
  }

  test("a claim that it merges acts on the very next GET, and stays", async () => {
    assert.equal((await asks("GET /plan 200")).plan, null);
    const { plan } = await asks("POST /plan 200", "GET /plan 200");
    assert.equal(plan.v, "pro");
    assert.deepEqual((await app.run("payload")).plan, plan);
    await refreshes();
    assert.deepEqual((await asks("GET /plan 200")).plan, plan);
  });

  test("a role is in the next POST, in GETs after a refresh and a new sign-in, and out of POSTs at once", async () => {
    const { claimValidationErrors } = await asks("GET /reports 403", "POST /reports 403");
    assert.deepEqual(claimValidationErrors.map((failure) => failure.id), ["st-role"]);
    hasRole({ v: ["admin"], t: Date.now() });
    await asks("POST /reports 200", "GET /reports 403");
    await refreshes();
    await asks("GET /reports 200");
    await app.run("signOut");
    assert.equal((await app.run("signIn", email, password)).status, "OK");
    await asks("GET /reports 200", "POST /reports 200");
    hasRole(null);
    await asks("POST /reports 403", "GET /reports 200");
    await refreshes();
    await asks("GET /reports 403");
  });

  test("a session that it revokes is over, and the page signed out at once", async () => {
    const kept = await app.accessToken();
    assert.equal((await world.bearer("POST", "/notes", kept)).status, 201);
    await asks("POST /leave 200");
    await isOut();
    assert.equal((await world.bearer("POST", "/notes", kept)).status, 401);
  });

  test("a session that it starts after its own login is the page's", async () => {
    const guest = (await asks("POST /guest 201")).user;
    assert.match(guest, /^guest:/);
    assert.equal(await app.run("user"), guest);
    assert.equal((await app.run("payload")).guest.v, true);
    assert.deepEqual((await asks("POST /notes 201", "GET /notes 200")).notes, [{ text: "x" }]);
    await refreshes();
  });

  test("where no session is required it tells users from strangers", async () => {
    assert.equal((await asks("GET /greeting 200")).message, `Hello, ${await app.run("user")}`);
    await app.run("signOut");
    await isOut();
    assert.equal((await asks("GET /greeting 200")).message, "Hello, stranger");
  });
}
