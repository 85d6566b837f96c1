// The page of the local run in a tab.

export class Page {
  // open shows the page at url in a tab of its own.
  static async open(browser, url, options) {
    const page = new Page(await browser.newPage(options));
    await page.tab.goto(url);
    return page;
  }

  constructor(tab) {
    this.tab = tab;
    this.origins = new Set(); // that anything was asked of
    this.errors = []; // of the page, but for answers that are refusals
    tab.on("request", (request) => request.url().startsWith("data:") || this.origins.add(new URL(request.url()).origin));
    tab.on("pageerror", (error) => this.errors.push(String(error)));
    tab.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("401 (Unauthorized)")) this.errors.push(message.text());
    });
  }

  close() {
    return this.tab.close();
  }

  fill(email, password) {
    return this.tab.fill("[name=email]", email).then(() => this.tab.fill("[name=password]", password));
  }

  text(selector) {
    return this.tab.textContent(selector);
  }

  // press clicks a button and returns what the page says of it.
  press(button) {
    return this.said(() => this.tab.click(`[data-do=${button}]`));
  }

  // said does something and returns what the page says once it is done.
  async said(what) {
    await this.tab.evaluate(() => (document.getElementById("said").textContent = ""));
    await what();
    await this.tab.waitForFunction(() => document.getElementById("said").textContent && document.body.ariaBusy !== "true");
    return this.text("#said");
  }

  // newest is the last line of the log without its time.
  async newest() {
    const cells = await this.tab.locator("#rows tr:first-child td").allTextContents();
    return cells.slice(1);
  }

  // hidden lists the buttons, cells and mails that stick out of the window, or
  // out of what holds them.
  hidden() {
    return this.tab.evaluate(() =>
      [...document.querySelectorAll("button, input, td, pre, li")]
        .filter((e) => {
          const box = e.getBoundingClientRect();
          const around = e.closest("section").getBoundingClientRect();
          return box.left < around.left || box.right > around.right || box.right > innerWidth || e.scrollWidth > e.clientWidth + 1;
        })
        .map((e) => `${e.tagName} ${e.textContent}`),
    );
  }
}
