// A reply of the admin API: the headers and cookies that a backend puts into its
// own answer, for the frontend.

const expose = "access-control-expose-headers";

/** What a frontend must be told that was told the first reply and then the second. */
export function combined(first, second) {
  const headers = { ...first.headers, ...second.headers };
  const exposed = union([first.headers[expose], second.headers[expose]]);
  if (exposed) headers[expose] = exposed;
  return { headers, cookies: latest([...first.cookies, ...second.cookies]) };
}

/**
 * Returns the answer with the reply in it, as the event's kind of API wants it.
 * The reply's headers take the place of the answer's, its cookies are added to
 * them, and what both expose is exposed.
 */
export function withReply(kind, answer, reply) {
  if (kind === "websocket") throw new TypeError("latchkey: what a WebSocket is answered reaches no frontend");
  if (typeof answer?.statusCode !== "number") throw new TypeError("latchkey: an answer needs a statusCode");
  const { multiValueHeaders, cookies = [], ...rest } = answer;
  const [headers, many] = [{ ...answer.headers }, { ...multiValueHeaders }];
  const exposed = union([...take(headers, expose), ...take(many, expose), reply.headers[expose]]);
  for (const name of Object.keys(reply.headers)) take(headers, name), take(many, name);
  Object.assign(headers, reply.headers, exposed && { [expose]: exposed });
  if (kind === "http") return { ...rest, headers, cookies: latest([...cookies, ...reply.cookies]) };
  many["set-cookie"] = latest([...take(headers, "set-cookie"), ...take(many, "set-cookie"), ...reply.cookies]);
  return { ...rest, headers, multiValueHeaders: many };
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

// Merges comma-separated lists of header names.
function union(lists) {
  const names = lists.flatMap((list) => (list ?? "").split(",")).map((name) => name.trim()).filter(Boolean);
  const same = (a) => (b) => a.toLowerCase() === b.toLowerCase();
  return names.filter((name, i) => names.findIndex(same(name)) === i).join(", ");
}

// Leaves out cookies that a later one of the same name, domain and path replaces:
// API Gateway bounds all headers together, and a token is long.
function latest(cookies) {
  return cookies.filter((cookie, i) => cookies.findLastIndex((c) => placeOf(c) === placeOf(cookie)) === i);
}

function placeOf(cookie) {
  const [pair, ...attributes] = cookie.split(";").map((part) => part.trim());
  const attribute = (name) => {
    const found = attributes.find((a) => a.toLowerCase().startsWith(`${name}=`));
    return found === undefined ? "" : found.slice(name.length + 1);
  };
  return [pair.split("=")[0], attribute("domain").toLowerCase(), attribute("path")].join(";");
}
