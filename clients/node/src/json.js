// JSON as strict as the authorizer's: no name twice in an object, no half of a
// surrogate pair, no number too large, and whole numbers with all their digits.

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\]]/g;

/**
 * Reads a text. Whole numbers that a double cannot hold are BigInts, and
 * objects have no prototype. Throws SyntaxError.
 */
export function parseExact(text) {
  JSON.parse(text); // the grammar; from here on only tokens matter
  const tokens = text.match(token);
  let at = 0;
  const value = () => {
    const t = tokens[at++];
    if (t === "{") return object();
    if (t === "[") return array();
    if (t[0] === '"') return string(t);
    if (!Number.isFinite(Number(t)) && /\d/.test(t)) throw new SyntaxError("a number is too large");
    return /^-?\d+$/.test(t) && !Number.isSafeInteger(Number(t)) ? BigInt(t) : JSON.parse(t);
  };
  const object = () => {
    const o = Object.create(null);
    for (; tokens[at] !== "}"; ) {
      const name = string(tokens[at++]);
      if (name in o) throw new SyntaxError("a name stands twice in an object");
      o[name] = value();
    }
    at++;
    return o;
  };
  const array = () => {
    const a = [];
    while (tokens[at] !== "]") a.push(value());
    at++;
    return a;
  };
  return value();
}

function string(t) {
  const s = JSON.parse(t);
  if (!s.isWellFormed()) throw new SyntaxError("half of a surrogate pair");
  return s;
}

const texts = new WeakMap();

/** JSON.parse of an object or array, from which exactOf returns what parseExact reads. */
export function parse(text) {
  const value = JSON.parse(text);
  if (value !== null && typeof value === "object") texts.set(value, text);
  return value;
}

export const exactOf = (parsed) => parseExact(texts.get(parsed));

/** Writes what parseExact reads. undefined members are left out. */
export function stringifyExact(value) {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(stringifyExact).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, v]) => v !== undefined);
  return `{${members.map(([name, v]) => `${JSON.stringify(name)}:${stringifyExact(v)}`).join(",")}}`;
}

/** Whether a parsed value is an object. */
export function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
