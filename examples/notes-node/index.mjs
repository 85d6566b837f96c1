// A small backend in Node.js behind Latchkey's authorizer: notes that a signed-in
// user reads and writes, reports for administrators, and what a backend does with
// a session. The notes are kept in memory, for as long as the sandbox lives.

import { randomUUID } from "node:crypto";

import { includes, Latchkey } from "@latchkey-auth/backend";

const latchkey = new Latchkey(); // of the environment: LATCHKEY_URL, AWS_REGION, the function's role
const maxNotes = 100; // of one user; the oldest gives way
const maxUsers = 1000; // whose notes are kept
const notes = new Map(); // by tenant and user: a user id means nothing without its tenant

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

const ownerOf = (session) => JSON.stringify([session.tenant, session.user]);

const reports = latchkey.withSession((session) => {
  session.assertClaims(includes("st-role", "admin"));
  return answer(200, { reports: [] });
});

const routes = {
  "GET /notes": latchkey.withSession((session) => answer(200, { notes: notes.get(ownerOf(session)) ?? [] })),

  "POST /notes": latchkey.withSession((session, event) => {
    const text = textOf(event);
    if (!text || Buffer.byteLength(text) > 1000) {
      return answer(400, { message: "a note is a JSON object with a text of at most 1,000 bytes" });
    }
    const owner = ownerOf(session);
    if (!notes.has(owner) && notes.size >= maxUsers) return answer(507, { message: "no room for another user's notes" });
    notes.set(owner, [...(notes.get(owner) ?? []), { text }].slice(-maxNotes));
    return answer(201, { text });
  }),

  // Nobody has to be signed in for this one.
  "GET /greeting": latchkey.withOptionalSession((session) => answer(200, { message: `Hello, ${session?.user ?? "stranger"}` })),

  "GET /reports": reports, // a role counts once it is in the token,
  "POST /reports": reports, // and here from when it is given until it is taken away

  "GET /plan": latchkey.withSession((session) => answer(200, { plan: session.claims.plan ?? null })),

  // The next request of the page has the claim, a GET too.
  "POST /plan": latchkey.withSession(async (session) => {
    await session.setClaim("plan", "pro");
    return answer(200, { plan: session.claims.plan });
  }),

  // The session is over, and the page knows at once.
  "POST /leave": latchkey.withSession(async (session) => {
    await session.revoke();
    return answer(200, { status: "OK" });
  }),

  // A login of the backend's own; here everybody is somebody new.
  "POST /guest": async (event) => {
    const { userId, epoch } = await latchkey.admin.user(`guest:${randomUUID()}`);
    const session = await latchkey.start(event, { userId, epoch, claims: { guest: { v: true, t: Date.now() } } });
    return session.answer(answer(201, { user: session.user }));
  },
};

/** Answers one request by the route that API Gateway matched. */
export async function handler(event, context) {
  const route = Object.hasOwn(routes, event.routeKey) ? routes[event.routeKey] : undefined;
  return route ? route(event, context) : answer(404, { message: "no such route" });
}

// API Gateway hands a body over in base64 unless its Content-Type says that it is text.
function textOf(event) {
  try {
    const { text } = JSON.parse(Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8").toString());
    return typeof text === "string" ? text : "";
  } catch {
    return "";
  }
}
