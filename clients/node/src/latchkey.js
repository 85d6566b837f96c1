// What a backend makes one of, and asks for everything.

import { Admin } from "./admin.js";
import { AdminError, CallerError, ClaimsError } from "./errors.js";
import { Session } from "./session.js";

export class Latchkey {
  #reading;

  /** Takes the options of Admin and of callerFrom. */
  constructor({ issuer = "", now = Date.now, ...options } = {}) {
    this.admin = new Admin(options);
    this.#reading = { issuer, now };
  }

  /** The session of the event's caller. Throws a CallerError unless the authorizer let the caller pass just now. */
  session(event) {
    return Session.of(this.admin, event, this.#reading);
  }

  /** session for routes whose session is optional: null if nobody is signed in. */
  optionalSession(event) {
    return Session.optionalOf(this.admin, event, this.#reading);
  }

  /** A new session for the event's caller, whom the backend has signed in. userId and epoch are needed. */
  start(event, start) {
    return Session.start(this.admin, event, start, this.#reading);
  }

  /**
   * A Lambda handler that calls next(session, event, context), and tells the
   * frontend what became of the session. It answers 401 where there is no
   * session, or no more, 403 where claims are missing, and 503 where Latchkey
   * does not answer; other errors are the function's.
   */
  withSession(next) {
    return this.#handler(next, (event) => this.session(event));
  }

  /** withSession for routes whose session is optional: next is called with null if nobody is signed in. */
  withOptionalSession(next) {
    return this.#handler(next, (event) => this.optionalSession(event));
  }

  #handler(next, read) {
    return async (event, context) => {
      let session = null;
      let answer;
      try {
        session = read(event);
        answer = await next(session, event, context);
      } catch (error) {
        answer = refusal(error);
        if (answer === undefined) throw error;
      }
      return session === null ? answer : session.answer(answer);
    };
  }
}

// The answer to an error that is not the function's own.
function refusal(error) {
  if (error instanceof CallerError || error instanceof ClaimsError) return error.response();
  if (error instanceof AdminError && [0, 503].includes(error.status)) return error.response();
  return undefined;
}
