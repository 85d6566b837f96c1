// A client of the admin API. Requests are signed (AWS_IAM, SigV4), JSON goes in
// and out, and a failure is an AdminError.

import { AdminError } from "./errors.js";
import { handleInPath, userInPath } from "./handle.js";
import { isObject, parse } from "./json.js";
import { Signer } from "./sign.js";

export class Admin {
  #url;
  #signer;
  #timeout;

  /**
   * url is where Latchkey's API is, region that of the API, credentials a
   * provider of the SDK's (default: that of the function's role), timeout in ms.
   */
  constructor({ url = process.env.LATCHKEY_URL, region = process.env.AWS_REGION, credentials, timeout = 10_000 } = {}) {
    if (!url || !region) throw new TypeError("latchkey: url and region are needed, or LATCHKEY_URL and AWS_REGION");
    this.#url = new URL(url);
    this.#signer = new Signer(region, credentials);
    this.#timeout = timeout;
  }

  /** Starts a session: its info and the reply for the frontend. mode, userId and epoch are needed. */
  startSession(start) {
    return this.#body("POST", "/admin/sessions", { body: start });
  }

  /** A session's info. AdminError session_not_found if it is over. */
  session(handle) {
    return this.#body("GET", sessionPath(handle));
  }

  /** Ends a session, also one that is over. Returns the reply that clears the frontend. */
  async revoke(handle) {
    return (await this.#body("DELETE", sessionPath(handle))).reply;
  }

  /** Ends 1 to 100 sessions. */
  async revokeMany(handles) {
    await this.#body("POST", "/admin/sessions/revoke", { body: { handles: handles.map(handleInPath) } });
  }

  /** Ends all sessions of a user, but the one named except. */
  async revokeAll(user, { tenantId, except } = {}) {
    const query = { tenantId, except: except && handleInPath(except) };
    await this.#body("DELETE", `${userPath(user)}/sessions`, { query });
  }

  /** A user's live sessions, newest first. */
  async sessions(user, { tenantId } = {}) {
    return (await this.#body("GET", `${userPath(user)}/sessions`, { query: { tenantId } })).sessions;
  }

  /** A session's data, with its version. */
  data(handle) {
    return this.#versioned("GET", `${sessionPath(handle)}/data`);
  }

  /** Replaces a session's data, only if it has still that version where one is given. Returns the new version. */
  async putData(handle, data, { version } = {}) {
    return (await this.#versioned("PUT", `${sessionPath(handle)}/data`, { body: data, version })).version;
  }

  /** Merges into a session's own claims; null removes one. The frontend sees them after token or a refresh. */
  mergeClaims(handle, claims, { version } = {}) {
    return this.#versioned("PATCH", `${sessionPath(handle)}/claims`, { body: claims, version });
  }

  /** A new access token: the session's info and the reply for the frontend. */
  token(handle, mode) {
    return this.#body("POST", `${sessionPath(handle)}/token`, { body: { mode } });
  }

  /** A user, by any id: epoch, disabled, account. */
  user(user, { tenantId } = {}) {
    return this.#body("GET", userPath(user), { query: { tenantId } });
  }

  /** Keeps a user out, and ends all sessions; or admits the user again. */
  setDisabled(user, disabled, { tenantId } = {}) {
    return this.#body("PATCH", userPath(user), { query: { tenantId }, body: { disabled } });
  }

  /** A page of users with an account, newest first, and next, the cursor of the next page, unless it is the last. */
  users({ tenantId, limit, cursor } = {}) {
    return this.#body("GET", "/admin/users", { query: { tenantId, limit: limit === undefined ? limit : String(limit), cursor } });
  }

  /** The user who has the e-mail address, without the epoch; null if nobody has it. */
  async userByEmail(email, { tenantId } = {}) {
    return (await this.#body("GET", "/admin/users", { query: { tenantId, email } })).users[0] ?? null;
  }

  /** Adds a user, of whom email is needed. The same again adds nobody and returns the user who is there. */
  addUser(user, { tenantId } = {}) {
    return this.#body("POST", "/admin/users", { query: { tenantId }, body: user });
  }

  /** Changes a user: disabled, email, verified. */
  changeUser(user, change, { tenantId } = {}) {
    return this.#body("PATCH", userPath(user), { query: { tenantId }, body: change });
  }

  /** Ends all sessions of a user, empties the claims and removes the account. To be repeated after a failure. */
  async deleteUser(user, { tenantId } = {}) {
    await this.#body("DELETE", userPath(user), { query: { tenantId } });
  }

  /** The claims of all sessions of a user, with their version. */
  userClaims(user, { tenantId } = {}) {
    return this.#versioned("GET", `${userPath(user)}/claims`, { query: { tenantId } });
  }

  /** Merges into a user's claims; null removes one. */
  mergeUserClaims(user, claims, { tenantId, version } = {}) {
    return this.#versioned("PATCH", `${userPath(user)}/claims`, { query: { tenantId }, body: claims, version });
  }

  async #body(method, path, options) {
    return (await this.#send(method, path, options)).body;
  }

  async #versioned(method, path, options) {
    const { body, etag } = await this.#send(method, path, options);
    const version = /^"(\d+)"$/.exec(etag)?.[1];
    if (version === undefined) throw new AdminError(200, "unreadable", "the answer has no version");
    return { value: body, version: Number(version) };
  }

  async #send(method, path, { query = {}, body, version } = {}) {
    const url = new URL(this.#url);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const headers = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (version !== undefined) headers["if-match"] = `"${version}"`;
    const request = { method, url, query: Object.fromEntries(given), headers, body: body && JSON.stringify(body) };
    return answerOf(await this.#fetch(await this.#signer.sign(request)));
  }

  async #fetch({ url, ...request }) {
    try {
      const response = await fetch(url, { ...request, redirect: "error", signal: AbortSignal.timeout(this.#timeout) });
      return { status: response.status, etag: response.headers.get("etag") ?? "", text: await response.text() };
    } catch (cause) {
      throw new AdminError(0, "unreachable", "no answer", { cause });
    }
  }
}

const sessionPath = (handle) => `/admin/sessions/${handleInPath(handle)}`;
const userPath = (user) => `/admin/users/${userInPath(user)}`;

// API Gateway's own answers, such as its 403, have no code.
function answerOf({ status, etag, text }) {
  let body;
  try {
    body = parse(text);
  } catch {
    body = undefined;
  }
  if (status >= 200 && status < 300) {
    if (!isObject(body)) throw new AdminError(status, "unreadable", "the answer is no JSON object");
    return { body, etag };
  }
  const code = typeof body?.code === "string" ? body.code : status === 403 ? "forbidden" : "unknown";
  throw new AdminError(status, code, String(body?.detail ?? body?.message ?? ""));
}
