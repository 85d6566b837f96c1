// The page of the local run: a frontend in header mode, so that its tokens can
// be shown. Nothing is stored; a reload forgets the session.
const $ = (id) => document.getElementById(id);
let access = "", refresh = "";

// call makes one request as a SuperTokens frontend in header mode does, and
// keeps the tokens that come back.
async function call(method, path, { body, token = access, keep = true } = {}) {
  const headers = { rid: "session", "st-auth-mode": "header", "fdi-version": "4.1" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, credentials: "omit", body: body && JSON.stringify(body) });
  const got = (name) => answer.headers.get(name);
  if (keep && got("front-token") === "remove") access = refresh = "";
  if (keep && got("st-access-token")) access = got("st-access-token");
  if (keep && got("st-refresh-token")) refresh = got("st-refresh-token");
  return { status: answer.status, body: await answer.json().catch(() => ({})), header: got };
}

const claims = (token) => {
  const bytes = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
};

const credentials = () => {
  const form = new FormData($("credentials"));
  return { formFields: ["email", "password"].map((id) => ({ id, value: form.get(id) })) };
};

const reason = ({ status, body }) => {
  const field = body.formFields?.map?.((f) => f.error).join(" ");
  return `${status} ${field || body.status || body.message || body.title || JSON.stringify(body)}`;
};

// say makes an action of a request: it says what was done and what came of it.
const say = (what, request) => async () => `${what}: ${reason(await request())}`;

async function renew() {
  const answer = await call("POST", "/auth/session/refresh", { token: refresh });
  if (answer.status !== 200) return `Refresh: ${reason(answer)}`;
  return `Refresh: 200, with a new access token${answer.header("st-refresh-token") ? " and the next refresh token" : ""}`;
}

// fromAnotherDevice signs in a second time and ends the first session from there.
async function fromAnotherDevice() {
  if (!access) return "There is no session: sign up or in first.";
  const { sessionHandle } = claims(access);
  const device = await call("POST", "/auth/signin", { body: credentials(), token: "", keep: false });
  const token = device.header("st-access-token");
  if (!token) return `Sign-in of the other device: ${reason(device)}`;
  const revoked = await call("DELETE", `/auth/sessions/${sessionHandle}`, { token, keep: false });
  await call("POST", "/auth/signout", { token, keep: false });
  return `Revoked from another device: ${reason(revoked)}. Now a POST is refused, and a GET passes until the token ends.`;
}

const note = () => ({ text: `a note of ${new Date().toLocaleTimeString()}` });

const actions = {
  signUp: say("Sign-up", () => call("POST", "/auth/signup", { body: credentials(), token: "" })),
  signIn: say("Sign-in", () => call("POST", "/auth/signin", { body: credentials(), token: "" })),
  get: say("GET /notes", () => call("GET", "/notes")),
  post: say("POST /notes", () => call("POST", "/notes", { body: note() })),
  refresh: renew,
  revoke: fromAnotherDevice,
  signOut: say("Sign-out", () => call("POST", "/auth/signout")),
};

// One action at a time: a second one would use the tokens of the first.
document.addEventListener("click", async ({ target }) => {
  const action = actions[target.dataset?.do];
  if (!action || document.body.ariaBusy === "true") return;
  document.body.ariaBusy = "true";
  const said = await action().catch((error) => `No answer: ${error.message}`);
  showToken();
  await show();
  $("said").textContent = said;
  document.body.ariaBusy = "false";
});
$("credentials").addEventListener("submit", (event) => event.preventDefault()); // its button was clicked, by Enter too

function showToken() {
  if (!access) {
    [$("life").textContent, $("left").value, $("claims").textContent] = ["none", 0, ""];
    return;
  }
  const c = claims(access);
  const seconds = Math.max(0, Math.round(c.exp - Date.now() / 1000));
  $("life").textContent = seconds ? `${seconds} s left of ${c.exp - c.iat}` : "over: refresh, or every request is 401";
  $("left").value = seconds / (c.exp - c.iat);
  $("claims").textContent = JSON.stringify(c, null, 2);
}

const cell = (text, kind = "") => Object.assign(document.createElement("td"), { textContent: text, className: kind });

async function showLog() {
  const entries = await (await fetch("/_local/log")).json();
  if (!entries.length) return;
  $("rows").replaceChildren(...entries.reverse().map((e) => {
    const row = document.createElement("tr");
    row.append(cell(new Date(e.time).toLocaleTimeString()), cell(`${e.method} ${e.path}`), cell(e.status, e.status < 400 ? "good" : "bad"),
      cell(e.decision || "—", e.decision ? "" : "quiet"), cell(e.database || "not asked", e.database ? "" : "quiet"));
    return row;
  }));
}

// showMails shows whom each mail went to and its link, which leads to the pages of a frontend.
async function showMails() {
  const mails = await (await fetch("/_local/mails")).json();
  if (!mails.length) return;
  $("letters").replaceChildren(...mails.reverse().map((m) => {
    const [item, link] = ["li", "a"].map((name) => document.createElement(name));
    Object.assign(link, { href: m.link, textContent: m.link });
    item.append(`${new Date(m.time).toLocaleTimeString()} to ${m.to}: ${m.subject} `, link);
    return item;
  }));
}

const show = () => Promise.all([showLog(), showMails()]).catch(() => {});
setInterval(() => access && showToken(), 1000);
setInterval(show, 3000);
show();
