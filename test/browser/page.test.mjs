// The page of the local run, walked by mouse and keyboard at the width of a
// desk and of a phone: all that it shows is in sight, and nothing is loaded
// from elsewhere.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBrowser } from "./browser.mjs";
import { Page } from "./page.mjs";
import { startAPI } from "./servers.mjs";

let api, browser;

before(async () => {
  api = await startAPI({ MailFrom: "notes@example.com", WebsiteDomain: "http://localhost:3000" });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await api?.stop();
});

const password = "correct horse battery";
const widths = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

for (const [name, viewport] of Object.entries(widths)) {
  describe(`the page on a ${name}`, () => walk(name, viewport));
}

function walk(name, viewport) {
  const email = `${name}@example.com`;
  let page;

  before(async () => (page = await Page.open(browser, api.url, { viewport })));
  after(() => page.close());

  // does presses a button and wants these words said.
  const does = async (button, said) => assert.match(await page.press(button), said, button);

  test("a stranger is refused, and the sessions table is not asked", async () => {
    await page.fill(email, password);
    await does("post", /^POST \/notes: 401/);
    assert.deepEqual(await page.newest(), ["POST /notes", "401", "refused", "not asked"]);
    assert.equal(await page.text("#life"), "none");
  });

  test("sign-up shows the token and its life", async () => {
    await does("signUp", /^Sign-up: 200 OK/);
    assert.match(await page.text("#life"), /^\d+ s left of \d+$/);
    const claims = JSON.parse(await page.text("#claims"));
    assert.equal(claims.exp - claims.iat <= 3600, true);
    assert.equal(claims.tId, "public");
  });

  test("a GET passes by the token alone, a POST asks the sessions table once", async () => {
    await does("get", /^GET \/notes: 200/);
    assert.deepEqual(await page.newest(), ["GET /notes", "200", "allowed by the token alone", "not asked"]);
    await does("post", /^POST \/notes: 201/);
    assert.deepEqual(await page.newest(), ["POST /notes", "201", "allowed, session checked", "BatchGetItem"]);
  });

  test("a refresh brings another token", async () => {
    const before = await page.text("#claims");
    await does("refresh", /^Refresh: 200, with a new access token/);
    const [, , , asked] = await page.newest();
    assert.deepEqual(asked.split(", ").sort(), ["GetItem", "UpdateItem"]); // side by side
    assert.equal(JSON.parse(await page.text("#claims")).sessionHandle, JSON.parse(before).sessionHandle);
  });

  test("revoked from another device, a POST is refused, a GET passes, a refresh ends it", async () => {
    await does("revoke", /^Revoked from another device: 200 OK/);
    await does("post", /^POST \/notes: 401/);
    assert.deepEqual(await page.newest(), ["POST /notes", "401", "refused", "BatchGetItem"]);
    await does("get", /^GET \/notes: 200/);
    await does("refresh", /^Refresh: 401/);
    assert.equal(await page.text("#life"), "none");
    assert.equal(await page.text("#claims"), "");
  });

  test("the key Enter signs in", async () => {
    assert.match(await page.said(() => page.tab.press("[name=password]", "Enter")), /^Sign-in: 200 OK/);
    assert.match(await page.text("#life"), /^\d+ s left/);
    await does("signOut", /^Sign-out: 200 OK/);
    assert.equal(await page.text("#life"), "none");
  });

  test("a wrong field is told", async () => {
    await does("signUp", /^Sign-up: 200 This email already exists/);
    await page.fill(email, "wrong");
    await does("signIn", /^Sign-in: 200 WRONG_CREDENTIALS_ERROR/);
  });

  test("a mail is shown with its link", async () => {
    const formFields = [{ id: "email", value: email }];
    await fetch(`${api.url}/auth/user/password/reset/token`, { method: "POST", body: JSON.stringify({ formFields }) });
    const link = page.tab.locator("#letters li", { hasText: email }).locator("a");
    assert.match(await link.getAttribute("href"), /^http:\/\/localhost:3000\/auth\/reset-password\?token=/);
  });

  test("the life runs down, and its end is told", async () => {
    await page.fill(email, password);
    await does("signIn", /^Sign-in: 200 OK/);
    const first = parseInt(await page.text("#life"), 10);
    await page.tab.waitForFunction((first) => parseInt(document.getElementById("life").textContent, 10) < first, first);
    await page.tab.clock.install();
    await page.tab.clock.fastForward((first + 1) * 1000);
    await page.tab.waitForFunction(() => document.getElementById("life").textContent.startsWith("over"));
    assert.equal(await page.tab.evaluate(() => document.getElementById("left").value), 0);
  });

  test("everything is in sight", async () => {
    assert.deepEqual(await page.hidden(), []);
    assert.equal(await page.tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  });

  test("nothing comes from elsewhere, and nothing fails", async () => {
    assert.deepEqual([...page.origins], [api.url]);
    assert.deepEqual(page.errors, []);
  });
}
