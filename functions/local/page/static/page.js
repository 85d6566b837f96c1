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

const say = ({ status, body }) => {
  const field = body.formFields?.map?.((f) => f.error).join(" ");
  return `${status} ${field || body.status || body.message || body.title || JSON.stringify(body)}`;
};

// fromAnotherDevice signs in a second time and ends the first session from there.
async function fromAnotherDevice() {
  if (!access) return "sign in first";
  const { sessionHandle } = claims(access);
  const device = await call("POST", "/auth/signin", { body: credentials(), token: "", keep: false });
  const token = device.header("st-access-token");
  if (!token) return say(device);
  const revoked = await call("DELETE", `/auth/sessions/${sessionHandle}`, { token, keep: false });
  await call("POST", "/auth/signout", { token, keep: false });
  return `${say(revoked)}: now a POST is refused, and a GET passes until the token ends`;
}

const actions = {
  signUp: async () => say(await call("POST", "/auth/signup", { body: credentials(), token: "" })),
  signIn: async () => say(await call("POST", "/auth/signin", { body: credentials(), token: "" })),
  get: async () => say(await call("GET", "/notes")),
  post: async () => say(await call("POST", "/notes", { body: { text: `a note of ${new Date().toLocaleTimeString()}` } })),
  refresh: async () => say(await call("POST", "/auth/session/refresh", { token: refresh })),
  revoke: fromAnotherDevice,
  signOut: async () => say(await call("POST", "/auth/signout")),
};

document.addEventListener("click", async ({ target }) => {
  const action = actions[target.dataset?.do];
  if (!action) return;
  $("said").textContent = "…";
  $("said").textContent = await action().catch((error) => `no answer: ${error.message}`);
  showToken();
  await showLog();
});
$("credentials").addEventListener("submit", (event) => event.preventDefault());

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
      cell(e.decision), cell(e.database || "not asked"));
    return row;
  }));
}

setInterval(showToken, 1000);
setInterval(() => showLog().catch(() => {}), 3000);
showLog();
