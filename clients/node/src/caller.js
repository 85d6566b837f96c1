// Who is calling, as the authorizer decided.

import { requireClaims } from "./claims.js";
import { CallerError } from "./errors.js";
import { isRead, kindOf } from "./event.js";
import { isSessionOf } from "./handle.js";
import { exactOf, isObject, parse, parseExact } from "./json.js";

// How old a decision about a request that may change something can be, in ms.
const maxAge = 30_000;

class Caller {
  #now;

  constructor(fields, payload, now) {
    Object.assign(this, fields, { claims: parse(payload) });
    this.#now = now;
    Object.freeze(this);
  }

  /** Throws a ClaimsError that lists the validators that the caller fails. */
  require(...validators) {
    requireClaims(this, exactOf(this.claims), this.#now, validators);
  }
}

/**
 * The caller of an event of API Gateway, of any kind. Throws a CallerError
 * unless the authorizer let the caller pass just now.
 *
 * options.issuer is the stack's, by whose tokens API Gateway's own JWT
 * authorizer may say who calls, for GET and HEAD; without it only Latchkey's
 * may. options.now returns the time in ms.
 */
export function callerFrom(event, options) {
  const caller = optionalCallerFrom(event, options);
  if (caller === null) throw new CallerError("anonymous");
  return caller;
}

/** callerFrom for routes whose session is optional: null if nobody is signed in. */
export function optionalCallerFrom(event, { issuer = "", now = Date.now } = {}) {
  if (!isObject(event)) throw new CallerError("no_caller");
  const received = receivedOf(event);
  const time = now();
  if (received.context === undefined && received.jwt !== undefined) return callerFromJWT(received, issuer, time);
  const { context = {} } = received;
  const text = (name) => (Object.hasOwn(context, name) && typeof context[name] === "string" ? context[name] : "");
  if (text("latchkey") !== "1") throw new CallerError("no_caller");
  if (text("anonymous") === "1" && text("user") === "") return null;
  const fields = {
    user: text("user"), recipeUser: text("recipeUser"), tenant: text("tenant"), session: text("handle"),
    expires: epoch(text("expires")), decided: epoch(text("decided")), checked: text("checked"),
  };
  if (fields.decided === undefined) throw new CallerError("no_caller");
  return judged(received, fields, text("payload"), time);
}

function receivedOf(event) {
  const kind = kindOf(event);
  const received = { read: isRead(event, kind) };
  const authorizer = objectOr(event.requestContext?.authorizer);
  if (kind === "http") {
    return { ...received, context: objectOr(authorizer?.lambda), jwt: objectOr(authorizer?.jwt?.claims) };
  }
  if (kind === "websocket") {
    // Messages carry the decision about the handshake until the token ends.
    const joined = ["MESSAGE", "DISCONNECT"].includes(event.requestContext.eventType);
    return { ...received, context: authorizer, joined };
  }
  const jwt = objectOr(authorizer?.claims);
  if (jwt !== undefined && !Object.hasOwn(authorizer, "latchkey")) return { ...received, jwt };
  return { ...received, context: authorizer };
}

const objectOr = (value) => (isObject(value) ? value : undefined);

// Nothing may be missing that every decision has, and it must cover the request.
// A decision from ahead of the clock is as wrong as an old one.
function judged({ read, joined }, fields, payload, now) {
  const { user, tenant, session, expires, decided, checked } = fields;
  if (!user || !tenant || !session || expires === undefined || !["store", "token"].includes(checked)) {
    throw new CallerError("no_caller");
  }
  const caller = callerOf(fields, payload, now);
  if (now >= expires * 1000) throw new CallerError("expired");
  if (read) return caller;
  const fresh = joined || Math.abs(now - decided * 1000) <= maxAge;
  if (checked !== "store" || !fresh) throw new CallerError("stale");
  return caller;
}

function callerOf(fields, payload, now) {
  try {
    if (isObject(parseExact(payload))) return new Caller(fields, payload, now);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
  }
  throw new CallerError("no_caller");
}

const standard = new Set(["iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub"]);

// API Gateway passes every claim on as text. Custom claims are objects, whose
// text cannot be read back, so validators fail on them.
function callerFromJWT(received, issuer, now) {
  const texts = Object.entries(received.jwt).filter(([, value]) => typeof value === "string");
  const claims = new Map(texts);
  const text = (name) => claims.get(name) ?? "";
  if (issuer === "" || text("iss") !== issuer || !isSessionOf(text("sessionHandle"), text("tId"), text("sub"))) {
    throw new CallerError("no_caller");
  }
  const custom = JSON.stringify(Object.fromEntries(texts.filter(([name]) => !standard.has(name))));
  const fields = {
    user: text("sub"), recipeUser: text("rsub"), tenant: text("tId"), session: text("sessionHandle"),
    expires: epoch(text("exp")), decided: null, checked: "token",
  };
  return judged(received, fields, custom, now);
}

// Whole seconds since 1970, undefined if the text is no such number.
function epoch(text) {
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
