// Conditions on a caller's claims, which have FDI's form: {"v": value, "t": time
// of setting in ms}. A claim that is missing or of another type fails every
// validator. Values are compared by type and value.

import { ClaimsError } from "./errors.js";
import { isObject, stringifyExact } from "./json.js";

/** One condition. Its methods return another one. */
class Validator {
  #rule;

  constructor(rule) {
    this.#rule = Object.freeze(rule);
    Object.freeze(this);
  }

  /** Fails also if the claim was set longer than so many seconds ago. */
  maxAge(seconds) {
    if (this.#rule.own || !(seconds >= 0)) {
      throw new TypeError("latchkey: an age needs a claim, and is a number of seconds");
    }
    return new Validator({ ...this.#rule, maxAge: seconds });
  }

  /** Gives failures that id, in place of the claim's name. */
  named(id) {
    return new Validator({ ...this.#rule, id: text(id) });
  }

  /** Is asked of callers of these tenants only. */
  forTenants(...tenants) {
    if (tenants.length === 0) throw new TypeError("latchkey: a validator for no tenant");
    return new Validator({ ...this.#rule, tenants: tenants.map(text) });
  }

  /** The failure of the caller, or null. */
  failure(caller, claims, now) {
    const { id, own, tenants } = this.#rule;
    if (tenants && !tenants.includes(caller.tenant)) return null;
    if (!own) {
      const reason = reasonOf(this.#rule, claims, now);
      return reason && { id, reason };
    }
    const verdict = own(caller);
    if (verdict === true) return null;
    return isObject(verdict) && !(verdict instanceof Promise) ? { id, reason: verdict } : { id };
  }
}

export const isTrue = (claim) => equals(claim, true);
export const isFalse = (claim) => equals(claim, false);

/** Passes if the claim's value is the given string, number or boolean. */
export const equals = (claim, value) => ofClaim(claim, "equals", value, [value]);

/** Passes if the claim's value is an array in which value is. */
export const includes = (claim, value) => ofClaim(claim, "includes", value, [value]);

/** Passes if the claim's value is an array in which all values are. */
export const includesAll = (claim, ...values) => ofClaim(claim, "includes", values, values);

/** Passes if the claim's value is an array in which one of the values is. */
export const includesAny = (claim, ...values) => ofClaim(claim, "includesAny", values, values);

/** Passes if the claim's value is an array in which value is not. */
export const excludes = (claim, value) => ofClaim(claim, "excludes", value, [value]);

/** Passes if the claim's value is an array in which none of the values is. */
export const excludesAll = (claim, ...values) => ofClaim(claim, "excludes", values, values);

/**
 * Passes if valid, which is asked about the caller, returns true itself. An
 * object that it returns is the failure's reason; the frontend is told it.
 */
export function func(id, valid) {
  if (typeof valid !== "function") throw new TypeError("latchkey: a validator without a function");
  return new Validator({ id: text(id), own: valid });
}

function ofClaim(claim, operator, expected, values) {
  if (values.length === 0) throw new TypeError("latchkey: a validator of no value");
  const want = values.map((value) => {
    const scalar = ["string", "boolean", "bigint"].includes(typeof value) || Number.isFinite(value);
    if (!scalar) throw new TypeError("latchkey: a claim is compared with strings, numbers and booleans");
    return stringifyExact(value);
  });
  return new Validator({ id: text(claim), claim, operator, expected, want });
}

function text(name) {
  if (typeof name !== "string" || name === "") throw new TypeError("latchkey: a name must be a text that is not empty");
  return name;
}

function reasonOf(rule, claims, now) {
  const claim = claims[rule.claim];
  const time = isObject(claim) ? claim.t ?? 0 : undefined;
  if (!isObject(claim) || claim.v === undefined || (typeof time !== "number" && typeof time !== "bigint")) {
    return { message: "value does not exist", [expectation(rule.operator, true)]: rule.expected };
  }
  const ageInSeconds = (now - Number(time)) / 1000;
  if (rule.maxAge !== undefined && ageInSeconds > rule.maxAge) {
    return { message: "expired", ageInSeconds, maxAgeInSeconds: rule.maxAge };
  }
  if (!passes(rule, claim.v)) {
    return { message: "wrong value", [expectation(rule.operator, false)]: rule.expected, actualValue: claim.v };
  }
  return null;
}

// The names are those of FDI's libraries, which frontends read.
function expectation(operator, missing) {
  if (operator === "includes") return "expectedToInclude";
  if (operator === "includesAny" && !missing) return "expectedToIncludeAtLeastOneOf";
  return operator === "equals" ? "expectedValue" : "expectedToNotInclude";
}

function passes({ operator, want }, value) {
  if (operator === "equals") return stringifyExact(value) === want[0];
  if (!Array.isArray(value)) return false;
  const elements = new Set(value.map(stringifyExact));
  const found = want.filter((w) => elements.has(w)).length;
  if (operator === "includes") return found === want.length;
  return operator === "includesAny" ? found > 0 : found === 0;
}

/**
 * Throws a ClaimsError that lists every validator that fails. claims are those
 * that parseExact read, now is in ms.
 */
export function requireClaims(caller, claims, now, validators) {
  const failures = validators.map((v) => v.failure(caller, claims, now)).filter(Boolean);
  if (failures.length > 0) {
    throw new ClaimsError(failures, stringifyExact({ message: "invalid claim", claimValidationErrors: failures }));
  }
}
