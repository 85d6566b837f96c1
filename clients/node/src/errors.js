// What can go wrong, and what a backend answers then.

/**
 * The event names no caller whom the backend may believe. code says why:
 * "no_caller" (no authorizer decided), "anonymous" (nobody is signed in),
 * "expired" (the access token ended) or "stale" (the decision does not cover a
 * request that may change something). Of a Session it is also "over": the store
 * says that it has ended.
 */
export class CallerError extends Error {
  constructor(code) {
    super(`latchkey: ${reasons[code]}`);
    this.name = "CallerError";
    this.code = code;
  }

  /** FDI's 401, on which a frontend refreshes its session. */
  response() {
    return json(401, JSON.stringify({ message: "unauthorised" }));
  }
}

const reasons = {
  no_caller: "no authorizer has said who is calling",
  anonymous: "nobody is signed in",
  expired: "the access token has ended",
  stale: "the authorizer's decision does not cover this request",
  over: "the session has ended",
};

/** The caller's claims do not allow the request. */
export class ClaimsError extends Error {
  /** body is FDI's 403, as text. */
  constructor(failures, body) {
    super(`latchkey: invalid claims: ${failures.map((f) => f.id).join(", ")}`);
    this.name = "ClaimsError";
    this.failures = failures;
    this.body = body;
  }

  /** FDI's 403, whose claimValidationErrors tell the frontend what failed. */
  response() {
    return json(403, this.body);
  }
}

/**
 * A call of the admin API failed: by an answer with that status and code, or
 * without an answer (status 0, code "unreachable"). A 503 changes nothing that
 * a repeat does not finish.
 */
export class AdminError extends Error {
  constructor(status, code, detail, options) {
    super(`latchkey: ${status} ${code}: ${detail}`, options);
    this.name = "AdminError";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }

  /** A 503 for a frontend, which may try again. */
  response() {
    return json(503, JSON.stringify({ message: "temporarily unavailable, please try again" }));
  }
}

function json(status, body) {
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  return { statusCode: status, headers, body };
}
