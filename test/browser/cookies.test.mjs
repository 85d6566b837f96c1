// What becomes of several cookies of one name in a browser: those of another
// stack on the parent domain, and those of before the API's cookies had a
// domain. Each stack has a host of its own below latchkey.test.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, startBrowser } from "./browser.mjs";
import { startAPI, startPage, startProxy } from "./servers.mjs";
import { newEmail, password } from "./world.mjs";

const times = { AccessTokenSeconds: 2, ReplayWindowSeconds: 1, RotationGapSeconds: 1 };
const stops = [];
let page, pages, browser;

before(async () => {
  page = await startPage();
  pages = { ours: page.origin, staging: page.origin.replace("//app.", "//staging-app.") };
  stops.push(page.stop);
  browser = await startBrowser();
  stops.push(() => browser.close());
});
after(async () => {
  while (stops.length) await stops.pop()();
});

// stack starts a stack and returns its origin.
async function stack(host, parameters, options) {
  const api = await startAPI({ ...times, ApiDomain: host, ...parameters, AllowedOrigins: Object.values(pages).join(",") }, options);
  stops.push(api.stop);
  const proxy = await startProxy(api.url, { host });
  stops.push(proxy.stop);
  return proxy.origin;
}

const tab = (context, page, api) => open(context, { page, api, mode: "cookie", client: "web-js" });
const post = async (app) => (await app.run("call", "POST", "/notes", { text: "x" })).status;

// domains are those of the access cookies that the browser sends to the API.
async function domains(context, api) {
  const cookies = await context.cookies(`${api}/auth/session/refresh`);
  return cookies.filter((c) => c.name === "sAccessToken").map((c) => c.domain).sort();
}

// well asserts that the user is signed in, as nobody else, and stays so.
async function well(app, user) {
  assert.equal(await post(app), 201);
  await app.untilExpired();
  assert.equal(await post(app), 201, "after a refresh");
  assert.equal(await app.run("user"), user);
}

test("another stack's cookies on the parent domain are passed over", async () => {
  const ours = await stack("api.latchkey.test", {}, { alone: true });
  const staging = await stack("staging.latchkey.test", { CookieDomain: "latchkey.test" }, { alone: true });
  const context = await browser.newContext();
  const email = newEmail();
  const theirs = await tab(context, pages.staging, staging);
  const tester = await theirs.run("signUp", email, password);
  const app = await tab(context, pages.ours, ours);
  const answer = await app.run("signUp", email, password);
  assert.deepEqual(await domains(context, ours), [".latchkey.test", "api.latchkey.test"]);
  await well(app, answer.user.id);
  await well(theirs, tester.user.id);
  await app.run("signOut");
  assert.equal(await post(app), 401);
  assert.equal((await app.run("signIn", email, password)).status, "OK");
  await well(app, answer.user.id);
  await context.close();
});

const shared = { skip: !process.env.DYNAMODB_ENDPOINT && "needs a DynamoDB that both share" };

for (const [name, from, to] of [["cookies get a domain", "", "latchkey.test"], ["cookies lose their domain", "latchkey.test", ""]]) {
  test(`${name}, and old ones are taken back`, shared, async () => {
    const old = await stack("api.latchkey.test", { CookieDomain: from });
    const now = await stack("api.latchkey.test", { CookieDomain: to });
    const only = (domain) => [domain ? `.${domain}` : "api.latchkey.test"];
    await Promise.all(["goes on", "signs in again"].map(async (first) => {
      const context = await browser.newContext();
      const email = newEmail();
      const { user } = await (await tab(context, pages.ours, old)).run("signUp", email, password);
      assert.deepEqual(await domains(context, now), only(from));
      const app = await tab(context, pages.ours, now);
      if (first === "signs in again") assert.equal((await app.run("signIn", email, password)).status, "OK");
      await well(app, user.id);
      assert.deepEqual(await domains(context, now), only(to), `of a user who ${first}`);
      await context.close();
    }));
  });
}
