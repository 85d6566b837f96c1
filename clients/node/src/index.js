// A Latchkey session in the hands of a backend.

export { Admin } from "./admin.js";
export { callerFrom, optionalCallerFrom } from "./caller.js";
export { equals, excludes, excludesAll, func, includes, includesAll, includesAny, isFalse, isTrue } from "./claims.js";
export { AdminError, CallerError, ClaimsError } from "./errors.js";
export { Latchkey } from "./latchkey.js";
export { Session } from "./session.js";
