// A session in the hands of a backend.

import { callerFrom, optionalCallerFrom } from "./caller.js";
import { requireClaims } from "./claims.js";
import { AdminError, CallerError } from "./errors.js";
import { askedMode, kindOf, transportOf } from "./event.js";
import { exactOf } from "./json.js";
import { combined, withReply } from "./reply.js";

/**
 * The session of an event's caller. Changes reach the store at once, and the
 * frontend by answer(). Where the session has ended meanwhile, what needs it
 * throws a CallerError.
 */
export class Session {
  #admin;
  #event;
  #now;
  #exact;
  #mode;
  #reply = null;

  /**
   * fields are handle, user, recipeUser, tenant, expires and claims, exact the
   * claims as parseExact reads them, mode how the frontend carries tokens.
   */
  constructor({ admin, event, now, fields, exact, mode }) {
    this.#admin = admin;
    this.#event = event;
    this.#now = now;
    this.#exact = exact;
    this.#mode = mode;
    Object.assign(this, fields);
  }

  /** The session of the event's caller. Throws as callerFrom does. */
  static of(admin, event, options) {
    return ofCaller(admin, event, callerFrom(event, options), options);
  }

  /** Session.of for routes whose session is optional: null if nobody is signed in. */
  static optionalOf(admin, event, options) {
    const caller = optionalCallerFrom(event, options);
    return caller && ofCaller(admin, event, caller, options);
  }

  /**
   * A new session for the event's caller, whom the backend has signed in by
   * itself. epoch is the user's, read before the proof of who it is was checked.
   */
  static async start(admin, event, start, { now }) {
    const mode = start.mode ?? askedMode(event);
    const started = await admin.startSession({ ...start, mode });
    const { sessionHandle: handle, userId: user, recipeUserId: recipeUser, tenantId: tenant } = started.session;
    const fields = { handle, user, recipeUser, tenant, expires: null };
    const session = new Session({ admin, event, now, fields, mode });
    session.#told(started);
    return session;
  }

  /** Throws a ClaimsError that lists the validators that the claims fail. */
  assertClaims(...validators) {
    requireClaims(this, this.#exact, this.#now(), validators);
  }

  /** What the store knows: timeCreated, timeRefreshed, expiry (ms), device, claims. */
  info() {
    return this.#own(this.#admin.session(this.handle));
  }

  /** The data that only backends see, with its version. */
  data() {
    return this.#own(this.#admin.data(this.handle));
  }

  /** Replaces the data, and returns its new version. */
  putData(data, options) {
    return this.#own(this.#admin.putData(this.handle, data, options));
  }

  /** Merges into the session's claims and gives the frontend a token with them; null removes one. */
  async merge(claims, options) {
    const mode = this.#carried(); // before anything is written
    await this.#own(this.#admin.mergeClaims(this.handle, claims, options));
    await this.token(mode);
  }

  /** Sets one claim in FDI's form, as of now. */
  setClaim(name, value) {
    return this.merge({ [name]: { v: value, t: this.#now() } });
  }

  removeClaim(name) {
    return this.merge({ [name]: null });
  }

  /** Gives the frontend a new access token with the claims of now. */
  async token(mode = this.#carried()) {
    this.#told(await this.#own(this.#admin.token(this.handle, mode)));
  }

  /** Ends the session and signs the frontend out. */
  async revoke() {
    this.#reply = await this.#admin.revoke(this.handle);
  }

  /** The answer with what the frontend must be told, if there is anything. */
  answer(response) {
    if (this.#reply === null) return response;
    const answer = withReply(kindOf(this.#event), response, this.#reply);
    this.#reply = null;
    return answer;
  }

  #carried() {
    if (this.#mode === null) {
      throw new Error("latchkey: the event does not show how its caller carries tokens; name a mode");
    }
    return this.#mode;
  }

  // A session that is over is no caller any more.
  async #own(call) {
    try {
      return await call;
    } catch (error) {
      if (error instanceof AdminError && error.code === "session_not_found") throw new CallerError("over");
      throw error;
    }
  }

  // Takes over what the admin API says of the session, and the reply.
  #told(answer) {
    this.claims = answer.session.customClaimsInAccessTokenPayload;
    this.#exact = exactOf(answer).session.customClaimsInAccessTokenPayload;
    this.#reply = this.#reply === null ? answer.reply : combined(this.#reply, answer.reply);
  }
}

function ofCaller(admin, event, caller, { now }) {
  const { session: handle, user, recipeUser, tenant, expires, claims } = caller;
  const fields = { handle, user, recipeUser, tenant, expires, claims };
  return new Session({ admin, event, now, fields, exact: exactOf(claims), mode: transportOf(event, handle) });
}
