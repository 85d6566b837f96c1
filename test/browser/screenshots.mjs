// Makes the screenshots of README: the page of the local run, signed in, and
// after the session was revoked from another device.
//
//   node screenshots.mjs FOLDER
import fs from "node:fs";
import path from "node:path";
import { startBrowser } from "./browser.mjs";
import { startAPI } from "./servers.mjs";

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const api = await startAPI({});
const browser = await startBrowser();
try {
  const tab = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme: "light" });
  await tab.goto(api.url);
  const does = async (button) => {
    await tab.click(`[data-do=${button}]`);
    await tab.waitForFunction(() => !["", "…"].includes(document.getElementById("said").textContent));
    return tab.textContent("#said");
  };
  const steps = async (...buttons) => {
    for (const button of buttons) console.log(`${button}: ${await does(button)}`);
  };
  await steps("signUp", "get", "post");
  await steps("revoke", "get", "post");
  await tab.screenshot({ path: path.join(folder, "revoked.png"), fullPage: true });
} finally {
  await browser.close();
  await api.stop();
}
