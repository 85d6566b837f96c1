// SuperTokens' prebuilt pages, unmodified, as a person meets them: what they
// show of the API's answers, in both ways in which tokens travel.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UI } from "./prebuilt/ui.mjs";
import { modes, newEmail, password, startWorld, walks } from "./world.mjs";

walks(modes, () => startWorld({}, { file: "prebuilt/app.jsx" }), walk);

// walk is one person in one tab, from the first visit on.
function walk({ mode }, enter) {
  const email = newEmail();
  let world, ui, user;

  before(async () => {
    world = await enter();
    ui = await UI.open(world, { mode });
  });
  after(() => ui?.close());

  test("a stranger is sent to sign-in", async () => {
    await ui.shows("Sign In");
    assert.equal(new URL(ui.tab.url()).pathname, "/auth/");
  });

  test("sign-up shows at each field what the page, and what the API, finds wrong with it", async () => {
    await ui.press("Sign Up");
    await ui.submit({ email: "not an address", password: "short" });
    await ui.shows("Email is invalid");
    await ui.shows("Password must contain at least 8 characters, including a number");
    const mark = world.proxy.mark();
    await ui.submit({ email: '"ada lovelace"@example.com', password: "password1" });
    await ui.shows("Password is too common, please choose another one");
    await ui.shows("Email is invalid");
    assert.equal(world.proxy.seen(mark).at(-1), "POST /auth/signup 200");
  });

  test("sign-up gives a session, sign-out ends it", async () => {
    await ui.submit({ email, password });
    user = await ui.user();
    assert.equal((await ui.frontToken()).uid, user);
    assert.equal(await ui.notes("POST"), 201);
    await ui.press("Sign out");
    await ui.shows("Sign In");
    assert.deepEqual([await ui.frontToken(), await ui.accessToken()], [null, undefined]);
  });

  test("an address that is taken is told at sign-up", async () => {
    await ui.press("Sign Up");
    await ui.submit({ email, password });
    await ui.shows("This email already exists. Please sign in instead.");
  });

  test("wrong credentials are told, right ones lead to the same user", async () => {
    await ui.press("Sign In");
    await ui.submit({ email, password: `wrong ${password}` });
    await ui.shows("Incorrect email and password combination");
    await ui.submit({ email, password });
    assert.equal(await ui.user(), user);
  });
}
