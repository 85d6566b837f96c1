// Makes the screenshots of README: the page of the local run, after the
// session was revoked from another device.
//
//   node screenshots.mjs FOLDER
import fs from "node:fs";
import path from "node:path";
import { startBrowser } from "./browser.mjs";
import { Page } from "./page.mjs";
import { startAPI } from "./servers.mjs";

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const api = await startAPI({});
const browser = await startBrowser();
try {
  const page = await Page.open(browser, api.url, { viewport: { width: 1100, height: 900 }, colorScheme: "light" });
  for (const button of ["signUp", "get", "post", "revoke", "get", "post"]) console.log(await page.press(button));
  await page.tab.screenshot({ path: path.join(folder, "revoked.png"), fullPage: true });
} finally {
  await browser.close();
  await api.stop();
}
