// SuperTokens' prebuilt pages in a tab, as a person uses them.
import { App } from "../browser.mjs";

// UI is a tab of the application in ./app.jsx.
export class UI extends App {
  // open shows a page of the application in a browser context of its own.
  static async open({ browser, page, proxy }, config, url = page.origin) {
    const context = await browser.newContext();
    await context.addInitScript((config) => (window.config = config), { api: proxy.origin, ...config });
    const ui = new UI(await context.newPage(), config.mode);
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

  // user waits for the front page, and returns who is signed in.
  async user() {
    const heading = this.tab.locator("h1");
    await heading.waitFor();
    return (await heading.textContent()).replace("Hello, ", "");
  }
}
