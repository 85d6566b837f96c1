// Makes the screenshots of the docs: the page of the local run, after the
// session was revoked from another device, and a forgotten password in
// SuperTokens' prebuilt pages.
//
//   node screenshots.mjs FOLDER
import fs from "node:fs";
import path from "node:path";
import { Page } from "./page.mjs";
import { UI } from "./prebuilt/ui.mjs";
import { password, startWorld } from "./world.mjs";

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const shot = (name, of, options) => of.screenshot({ path: path.join(folder, `${name}.png`), ...options });
const world = await startWorld({}, { file: "prebuilt/app.jsx", atDeveloper: true });
try {
  const page = await Page.open(world.browser, world.api.url, { viewport: { width: 1100, height: 900 }, colorScheme: "light" });
  for (const button of ["signUp", "get", "post", "revoke", "get", "post"]) console.log(await page.press(button));
  await shot("revoked", page.tab, { fullPage: true });
  await page.close();

  const ui = await UI.open(world, { mode: "cookie" });
  const card = ui.tab.locator("[data-supertokens~=container]");
  const email = "grace@example.com";
  await ui.press("Sign Up");
  await ui.submit({ email, password });
  await ui.user();
  await ui.press("Sign out");
  await ui.tab.fill("input[name=email]", email);
  await shot("sign-in", card);
  await ui.press("Forgot password?");
  await ui.submit({ email });
  await ui.tab.goto(await world.link(email, "/auth/reset-password"));
  await ui.tab.fill("input[name=password]", password);
  await shot("reset", card);
  await ui.tab.goto(world.api.url);
  await ui.tab.getByText("Reset your password").waitFor();
  await shot("mails", ui.tab.locator("section[aria-labelledby=mails]"));
} finally {
  await world.stop();
}
