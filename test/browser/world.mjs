// What the tests of the clients stand on: the API behind a proxy, the page on
// an origin of its own, a browser, and people who sign up in it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { notesAPI, startBackend } from "./backends.mjs";
import { open, startBrowser } from "./browser.mjs";
import { startAPI, startPage, startProxy } from "./servers.mjs";

export const password = "correct horse battery staple 1"; // the prebuilt pages want a digit

// modes are the ways in which tokens travel, kinds are those of each client.
export const modes = [{ mode: "cookie" }, { mode: "header" }];
export const kinds = modes.flatMap((mode) => ["web-js", "website"].map((client) => ({ ...mode, client })));

// walks declares the tests of a walk of each kind, beside each other in one
// world. A walk enters it by a proxy of its own.
export function walks(kinds, start, walk) {
  let world;
  before(async () => (world = await start()));
  after(() => world?.stop());
  describe("walks", { concurrency: true }, () => {
    for (const kind of kinds) {
      const title = `${kind.client ? `${kind.client}, ` : ""}${kind.mode} mode`;
      describe(title, { concurrency: false }, () => walk(kind, () => world.apart()));
    }
  });
  test("the API logged none of the tokens and passwords of all this", () => assert.deepEqual(world.leaked(), []));
}

let users = 0;
export const newEmail = () => `user${++users}-${process.pid}@example.com`;

// startWorld starts all of it, the API with the given template parameters. With
// a language, the page's other routes are those of a backend in it. file is the
// page's script. At a developer's, all is on localhost, which needs no https to
// be the website of mails and of other logins.
export async function startWorld(parameters, { language, file, atDeveloper } = {}) {
  const stops = [];
  const stop = async () => {
    while (stops.length) await stops.pop()();
  };
  try {
    const host = atDeveloper && "localhost";
    const page = await startPage(file, host);
    stops.push(page.stop);
    const notes = language && await notesAPI(page.origin);
    const mailing = atDeveloper && { MailFrom: "notes@example.com", WebsiteDomain: page.origin };
    const api = await startAPI({ ...parameters, ...mailing, ...notes?.parameters, AllowedOrigins: page.origin }, notes);
    stops.push(api.stop);
    if (notes) stops.push(await startBackend(language, notes.port, api));
    const browser = await startBrowser();
    stops.push(() => browser.close());
    const secrets = new Set([password]);
    return await new World({ page, api, browser, host, attached: notes?.host, secrets, stops, stop }).apart();
  } catch (error) {
    await stop();
    throw error;
  }
}

class World {
  constructor(parts) {
    Object.assign(this, parts);
  }

  // apart returns this world behind a proxy of its own, which loses and counts
  // nothing of what others ask at the same time.
  async apart() {
    const proxy = await startProxy(this.api.url, this);
    this.stops.push(proxy.stop);
    return new World({ ...this, proxy });
  }

  // tab opens the page in a browser context, with a client of this kind.
  tab(context, kind) {
    return open(context, { page: this.page.origin, api: this.proxy.origin, ...kind });
  }

  // signedIn opens a tab of a fresh browser profile with a new user in it.
  async signedIn(kind) {
    const context = await this.browser.newContext();
    const app = await this.tab(context, kind);
    const email = newEmail();
    const answer = await app.run("signUp", email, password);
    assert.equal(answer.status, "OK", JSON.stringify(answer));
    return { context, app, email, user: answer.user.id };
  }

  // link waits for a mail to an address whose link leads to a page, and returns
  // the link of the newest.
  async link(email, page) {
    for (let tries = 0; tries < 200; tries++) {
      const mails = await (await fetch(`${this.api.url}/_local/mails`)).json();
      const mail = mails.findLast((mail) => mail.to === email && new URL(mail.link).pathname === page);
      if (mail) return mail.link;
      await setTimeout(50);
    }
    throw new Error(`no mail to ${email} leads to ${page}`);
  }

  // bearer makes a request with a token that somebody has kept, and returns the
  // answer's status and what it says of the front token.
  async bearer(method, path, token) {
    const answer = await fetch(this.api.url + path, {
      method,
      headers: { rid: "session", "st-auth-mode": "header", "content-type": "application/json", authorization: `Bearer ${token}` },
      body: method === "GET" ? undefined : '{"text":"kept"}',
    });
    return { status: answer.status, front: answer.headers.get("front-token") };
  }

  // leaked lists the tokens and passwords of the run that the API has logged.
  leaked() {
    const log = this.api.log();
    assert.match(log, /msg="session started"/, "the API logged nothing of its sessions");
    assert.equal(this.secrets.size > 5, true, `only ${this.secrets.size} secrets passed`);
    return [...this.secrets].filter((secret) => log.includes(secret));
  }
}
