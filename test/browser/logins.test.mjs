// SuperTokens' prebuilt button of another login, with a certified OpenID
// provider behind it: its login page, back with a session, and its sign-out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UI } from "./prebuilt/ui.mjs";
import { startProvider } from "./provider.mjs";
import { modes, startWorld, walks } from "./world.mjs";

walks(modes, () => startWorld({}, { file: "prebuilt/app.jsx", atDeveloper: true }), walk);

// walk is one person in one browser, with a provider of its own.
function walk({ mode }, enter) {
  const id = `own-${mode}`;
  let world, provider, ui, user;

  before(async () => {
    world = await enter();
    const redirectUris = [`${world.page.origin}/auth/callback/${id}`];
    const clientSecret = "a secret that only the client has";
    provider = await startProvider({ redirectUris, clientSecret, logoutUri: `${world.api.url}/auth/logout/${id}` });
    const { issuer, clientId } = provider;
    await world.api.invoke("RotateKeysFunction", {
      action: "put-provider", provider: { id, issuer, clientId, clientSecret, redirectUris },
    });
    ui = await UI.open(world, { mode, provider: { id, name: "Acme" } });
  });
  after(() => Promise.all([ui?.close(), provider?.stop()]));

  // signsIn goes to the provider, types a name there, and consents.
  async function signsIn(name) {
    await ui.press("Continue with Acme");
    await ui.tab.waitForURL(`${provider.issuer}/**`);
    await ui.submit({ login: name, password: "any" });
    await ui.shows("Continue");
    await ui.submit({});
    return ui.user();
  }

  test("the button leads to the provider and back to a session, with the address that it vouches for", async () => {
    user = await signsIn("ada");
    assert.equal(await ui.notes("POST"), 201);
    assert.equal((await ui.frontToken()).up["st-ev"].v, true);
    const { status, body } = world.api.admin("GET", `/admin/users/${user}`);
    assert.equal(status, 200);
    const { emails, thirdParty } = JSON.parse(body).account;
    assert.deepEqual([emails, thirdParty], [["ada@example.com"], [{ id, userId: "ada" }]]);
  });

  test("the next login is the same user's, by other keys of the provider's", async () => {
    await ui.press("Sign out");
    provider.rotate();
    assert.equal(await signsIn("ada"), user);
    assert.equal(await ui.notes("POST"), 201);
  });

  test("signed out at the provider, the session is over from the next write on", async () => {
    const tab = await ui.tab.context().newPage();
    await tab.goto(`${provider.issuer}/session/end`);
    await tab.click("button[value=yes]");
    await tab.waitForURL("**/session/end/success");
    assert.equal(await ui.notes("GET"), 200);
    const mark = world.proxy.mark();
    await ui.losesSession();
    assert.equal(world.proxy.seen(mark)[0], "POST /notes 401");
    assert.deepEqual([await ui.frontToken(), await ui.refreshToken()], [null, undefined]);
  });
}
