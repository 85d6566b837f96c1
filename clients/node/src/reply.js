// Puts a reply of the admin API, the headers and cookies for a frontend, into a
// backend's answer.

const expose = "access-control-expose-headers";

/**
 * Returns the answer with the reply in it, as the event's kind of API wants it.
 * The reply's headers take the place of the answer's, its cookies are added to
 * them, and what both expose is exposed.
 */
export function withReply(kind, answer, reply) {
  if (kind === "websocket") throw new TypeError("latchkey: what a WebSocket is answered reaches no frontend");
  if (typeof answer?.statusCode !== "number") throw new TypeError("latchkey: an answer needs a statusCode");
  const headers = { ...answer.headers };
  const many = { ...answer.multiValueHeaders };
  const lists = [...take(headers, expose), ...take(many, expose), reply.headers[expose] ?? ""];
  for (const name of Object.keys(reply.headers)) take(headers, name), take(many, name);
  Object.assign(headers, reply.headers);
  const exposed = merged(lists);
  if (exposed) headers[expose] = exposed;
  const { multiValueHeaders, ...rest } = answer;
  if (kind === "http") {
    return { ...rest, headers, cookies: [...(answer.cookies ?? []), ...reply.cookies] };
  }
  const cookies = [...take(headers, "set-cookie"), ...take(many, "set-cookie"), ...reply.cookies];
  return { ...rest, headers, multiValueHeaders: { ...many, "set-cookie": cookies } };
}

// Removes the headers of that name, however it is spelled, and returns their values.
function take(headers, name) {
  const names = Object.keys(headers).filter((key) => key.toLowerCase() === name);
  return names.flatMap((key) => {
    const value = headers[key];
    delete headers[key];
    return value;
  });
}

function merged(lists) {
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim()).filter(Boolean);
  const first = names.filter((name, i) => names.findIndex((n) => n.toLowerCase() === name.toLowerCase()) === i);
  return first.join(", ");
}
