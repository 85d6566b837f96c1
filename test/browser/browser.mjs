// A headless Chromium, and the one page that the tests drive.
import fs from "node:fs";
import { chromium } from "playwright-core";

const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

// startBrowser starts the machine's Chromium. Every *.latchkey.test name leads
// to this machine, so that page and API are different origins of one site.
export async function startBrowser() {
  const executablePath = candidates.find((file) => file && fs.existsSync(file));
  if (!executablePath) throw new Error("no Chromium found: install Debian's package chromium, or set CHROMIUM");
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP *.latchkey.test 127.0.0.1"],
  });
}

// open loads the page in a browser context and waits until its client is ready.
export async function open(context, { page: origin, api, mode, client }) {
  const tab = await context.newPage();
  await tab.goto(`${origin}/?${new URLSearchParams({ api, mode, client })}`);
  await tab.waitForFunction(() => document.title === "ready");
  return new App(tab, mode);
}

// App is one tab with a client in it.
export class App {
  constructor(tab, mode) {
    this.tab = tab;
    this.mode = mode;
  }

  // run calls window.app[name] in the tab. A rejected promise comes back as {thrown}.
  run(name, ...args) {
    return this.tab.evaluate(
      async ([name, args]) => {
        try {
          return await window.app[name](...args);
        } catch (error) {
          return { thrown: String(error?.message ?? error), status: error?.status };
        }
      },
      [name, args],
    );
  }

  events() {
    return this.tab.evaluate(() => window.app.events);
  }

  // frontToken is what the client knows of the session: uid, ate and up.
  frontToken() {
    return this.tab.evaluate(() => {
      const cookie = document.cookie.split("; ").find((c) => c.startsWith("sFrontToken="));
      if (!cookie) return null;
      const bytes = Uint8Array.from(atob(cookie.slice("sFrontToken=".length)), (c) => c.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(bytes));
    });
  }

  // untilExpired waits until the access token that the client holds has ended.
  async untilExpired() {
    const { ate } = await this.frontToken();
    await this.until(ate);
  }

  // until waits for an instant, in milliseconds of the browser's clock.
  until(instant) {
    return this.tab.waitForFunction((instant) => Date.now() > instant, instant, { polling: 50 });
  }

  // handle is the session's.
  async handle() {
    return (await this.frontToken()).up.sessionHandle;
  }

  // accessToken and refreshToken are those that the browser holds, as cookies
  // that the API set or, in header mode, that the client itself did.
  accessToken() {
    return this.cookie(this.mode === "cookie" ? "sAccessToken" : "st-access-token");
  }

  refreshToken() {
    return this.cookie(this.mode === "cookie" ? "sRefreshToken" : "st-refresh-token");
  }

  async cookie(name) {
    const cookies = await this.tab.context().cookies();
    return cookies.find((c) => c.name === name)?.value;
  }

  // generation counts the rotations of the session's refresh token.
  async generation() {
    const [, , body] = (await this.refreshToken()).split(".");
    return Buffer.from(body, "base64url").readUInt32BE(32);
  }
}
