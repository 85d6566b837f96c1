// Handles of sessions and ids of users, as they stand in paths.

import { createHash } from "node:crypto";

/** Whether the text is a handle: base64url of 32 bytes, spelled in the one way. */
export function isHandle(text) {
  if (typeof text !== "string" || text.length !== 43) return false;
  return Buffer.from(text, "base64url").toString("base64url") === text;
}

/** Whether the handle is of a session of that user. */
export function isSessionOf(handle, tenant, user) {
  if (!isHandle(handle)) return false;
  const digest = createHash("sha256");
  for (const part of [tenant, user].map((p) => Buffer.from(p))) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    digest.update(length).update(part);
  }
  return Buffer.from(handle, "base64url").subarray(0, 16).equals(digest.digest().subarray(0, 16));
}

/** A handle in a path. Throws TypeError for anything else. */
export function handleInPath(handle) {
  if (!isHandle(handle)) throw new TypeError("latchkey: not the handle of a session");
  return handle;
}

/**
 * A user id in a path: as it is, or ~ and base64url if it has characters that
 * API Gateway could take for the path's own.
 */
export function userInPath(user) {
  if (typeof user !== "string" || user === "" || !user.isWellFormed()) {
    throw new TypeError("latchkey: not the id of a user");
  }
  if (/^[A-Za-z0-9._@|:-]+$/.test(user) && user !== "." && user !== "..") return encodeURIComponent(user);
  return `~${Buffer.from(user).toString("base64url")}`;
}
