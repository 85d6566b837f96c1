// SuperTokens' prebuilt pages in a tab, as a person uses them.
import { App } from "../browser.mjs";

// UI is a tab of the application in ./app.jsx.
export class UI extends App {
  // open shows a page of the application in a browser context of its own.
  static async open({ browser, page, proxy }, config, url = page.origin) {
    const context = await browser.newContext();
    await context.addInitScript((config) => (window.config = config), { api: proxy.origin, ...config });
    const ui = new UI(await context.newPage(), config.mode);
    ui.tab.setDefaultTimeout(15_000);
    await ui.tab.goto(url);
    return ui;
  }

  close() {
    return this.tab.context().close();
  }

  // shows waits until the tab shows a text.
  shows(text) {
    return this.tab.getByText(text, { exact: true }).waitFor();
  }

  press(text) {
    return this.tab.getByText(text, { exact: true }).click();
  }

  // submit fills in the fields of the form and sends it.
  async submit(fields) {
    for (const [name, value] of Object.entries(fields)) await this.tab.fill(`input[name="${name}"]`, value);
    await this.tab.click("button[type=submit]");
  }

  // user waits for the front page, and returns who is signed in there.
  async user() {
    const heading = this.tab.locator("h1");
    await heading.waitFor();
    return (await heading.textContent()).replace("Hello, ", "");
  }
  // notes reads the notes or writes one, and returns the answer's status.
  async notes(method) {
    return (await this.run("call", method, "/notes", method === "POST" ? { text: "x" } : undefined)).status;
  }

  // losesSession writes a note and waits until the page, told that the session
  // is over, is back at sign-in.
  async losesSession() {
    await this.tab.evaluate(() => void window.app.call("POST", "/notes", { text: "late" }));
    await this.shows("Sign In");
  }
}
