// SuperTokens' prebuilt pages and the links in mails: an address has to be
// verified before anything else, and a password that was forgotten is replaced.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { UI } from "./prebuilt/ui.mjs";
import { modes, newEmail, password, startWorld, walks } from "./world.mjs";

const parameters = { EmailVerification: "required" };

walks(modes, () => startWorld(parameters, { file: "prebuilt/app.jsx", atDeveloper: true }), walk);

// walk is one person with two browsers, and a friend who borrows the second.
function walk({ mode }, enter) {
  const email = newEmail();
  let world, ui, other, link;

  before(async () => {
    world = await enter();
    const config = { mode, verification: "REQUIRED" };
    ui = await UI.open(world, config);
    other = await UI.open(world, config);
  });
  after(() => Promise.all([ui?.close(), other?.close()]));

  // signsUp ends at the page that waits for the link to be opened.
  async function signsUp(ui, email) {
    await ui.press("Sign Up");
    await ui.submit({ email, password });
    await ui.shows("Verify your email!");
  }

  test("who has signed up waits for a link, and the API refuses the session", async () => {
    await signsUp(ui, email);
    assert.deepEqual([await ui.notes("GET"), await ui.notes("POST")], [403, 403]);
    await ui.tab.reload();
    await ui.shows("Verify your email!");
  });

  test("the link opened in another browser verifies on a click, and the page that waits goes on", async () => {
    link = await world.link(email, "/auth/verify-email");
    await other.tab.goto(link);
    await other.press("CONTINUE"); // a scanner of mails does not click
    await other.shows("Email verification successful!");
    await ui.tab.reload();
    await ui.user();
    assert.equal(await ui.notes("POST"), 201);
  });

  test("a link that was used is refused", async () => {
    await other.tab.goto(link);
    await other.press("CONTINUE");
    await other.shows("The email verification link has expired");
  });

  test("the link opened in the browser that waits verifies at once, and leads on", async () => {
    const friend = newEmail();
    await other.tab.goto(world.page.origin);
    await signsUp(other, friend);
    await other.tab.goto(await world.link(friend, "/auth/verify-email"));
    await other.shows("Email verification successful!");
    await other.press("CONTINUE");
    await other.user();
    await other.press("Sign out");
  });

  test("a forgotten password is replaced by the mailed link, which ends the session that there was", async () => {
    await other.press("Forgot password?");
    await other.submit({ email });
    await other.shows(/^A password reset email has been sent/);
    link = await world.link(email, "/auth/reset-password");
    await other.tab.goto(link);
    await other.submit({ password: `new ${password}`, "confirm-password": `new ${password}` });
    await other.shows("Success!");
    const mark = world.proxy.mark();
    await ui.losesSession();
    assert.deepEqual(world.proxy.seen(mark).slice(0, 2), ["POST /notes 401", "POST /auth/session/refresh 401"]);
  });

  test("the old password is refused, the new one is not, and the link is void", async () => {
    await ui.submit({ email, password });
    await ui.shows("Incorrect email and password combination");
    await ui.submit({ email, password: `new ${password}` });
    await ui.user();
    await other.tab.goto(link);
    await other.submit({ password, "confirm-password": password });
    await other.shows("Invalid password reset token");
  });
}
