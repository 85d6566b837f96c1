// What an event says: of which kind it is, its method and its headers.

import { isObject } from "./json.js";

/** "http" (payload format 2.0), "rest" (and payload 1.0) or "websocket". */
export function kindOf(event) {
  if (event?.version === "2.0") return "http";
  return event?.requestContext?.connectionId === undefined ? "rest" : "websocket";
}

/** The values of a header, by its name in lower case. */
export function headerOf(event, name) {
  const named = (headers) => Object.entries(headers ?? {}).filter(([key]) => key.toLowerCase() === name);
  const many = named(event.multiValueHeaders).flatMap(([, values]) => values ?? []);
  return many.length > 0 ? many : named(event.headers).map(([, value]) => value);
}

// Headers by which some frameworks let the client name another method.
const overrides = ["x-http-method-override", "x-http-method", "x-method-override"];

/** Whether the method is GET or HEAD, beyond doubt. */
export function isRead(event, kind) {
  const context = event.requestContext;
  const methods = kind === "http" ? [context?.http?.method] : [event.httpMethod, context?.httpMethod];
  const names = [event.headers, event.multiValueHeaders].flatMap((h) => (isObject(h) ? Object.keys(h) : []));
  return (
    kind !== "websocket" &&
    methods.every((m) => m === methods[0] && (m === "GET" || m === "HEAD")) &&
    !names.some((name) => overrides.includes(name.toLowerCase()))
  );
}

/**
 * How the caller's frontend carries a token of that session: "cookie", "header",
 * or null if the event has none, as a message of a WebSocket. A cookie goes
 * first: a script in the page, which may not see the cookie, can add a Bearer
 * that says the same, and must not be given in a header what the cookie hides.
 */
export function transportOf(event, handle) {
  const apart = kindOf(event) === "http";
  const cookies = apart ? event.cookies ?? [] : headerOf(event, "cookie").flatMap((c) => c.split(";"));
  const tokens = cookies.map((cookie) => /^ *sAccessToken=(.*)$/.exec(cookie)?.[1]);
  if (tokens.some((token) => sessionOf(token) === handle)) return "cookie";
  const bearers = headerOf(event, "authorization").map((value) => /^bearer +(\S+)$/i.exec(value)?.[1]);
  return bearers.some((token) => sessionOf(token) === handle) ? "header" : null;
}

/** What a frontend asks a sign-in for: FDI takes anything but "cookie" for "header". */
export function askedMode(event) {
  return headerOf(event, "st-auth-mode")[0]?.toLowerCase() === "cookie" ? "cookie" : "header";
}

// The session that a token names. It is not verified: the authorizer did that.
function sessionOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).sessionHandle;
  } catch {
    return undefined;
  }
}
