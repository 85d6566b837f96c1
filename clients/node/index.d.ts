// Types of @latchkey-auth/backend. What the functions do stands with them in src.

export type Claims = Record<string, unknown>;

/** Who is calling, as the authorizer decided. Times are seconds since 1970. */
export interface Caller {
  readonly user: string;
  readonly recipeUser: string;
  readonly tenant: string;
  /** The session's handle. */
  readonly session: string;
  /** When the access token ends. */
  readonly expires: number;
  /** When the authorizer decided; null if API Gateway's own JWT authorizer did. */
  readonly decided: number | null;
  readonly checked: "store" | "token";
  readonly claims: Claims;
  /** Throws a ClaimsError that lists the validators that the caller fails. */
  require(...validators: Validator[]): void;
}

export interface ReadingOptions {
  /** The stack's, by whose tokens API Gateway's own JWT authorizer may say who calls. */
  issuer?: string;
  /** The time in ms. */
  now?: () => number;
}

/** Throws a CallerError unless the authorizer let the event's caller pass just now. */
export function callerFrom(event: unknown, options?: ReadingOptions): Caller;
/** callerFrom for routes whose session is optional: null if nobody is signed in. */
export function optionalCallerFrom(event: unknown, options?: ReadingOptions): Caller | null;

/** A condition on a caller's claims. Its methods return another one. */
export interface Validator {
  /** Fails also if the claim was set longer than so many seconds ago. */
  maxAge(seconds: number): Validator;
  /** Gives failures that id, in place of the claim's name. */
  named(id: string): Validator;
  /** Is asked of callers of these tenants only. */
  forTenants(...tenants: string[]): Validator;
}

type Scalar = string | number | boolean | bigint;

export function isTrue(claim: string): Validator;
export function isFalse(claim: string): Validator;
export function equals(claim: string, value: Scalar): Validator;
export function includes(claim: string, value: Scalar): Validator;
export function includesAll(claim: string, ...values: Scalar[]): Validator;
export function includesAny(claim: string, ...values: Scalar[]): Validator;
export function excludes(claim: string, value: Scalar): Validator;
export function excludesAll(claim: string, ...values: Scalar[]): Validator;
/** Passes if valid returns true itself; an object is the failure's reason, which the frontend is told. */
export function func(
  id: string,
  valid: (caller: Pick<Caller, "user" | "recipeUser" | "tenant" | "claims">) => boolean | Record<string, unknown>,
): Validator;

/** An answer of a Lambda function to API Gateway. */
export interface Answer {
  statusCode: number;
  headers?: Record<string, string | number | boolean>;
  multiValueHeaders?: Record<string, (string | number | boolean)[]>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

export class CallerError extends Error {
  readonly code: "no_caller" | "anonymous" | "expired" | "stale" | "over";
  /** FDI's 401. */
  response(): Answer;
}

export interface ClaimFailure {
  id: string;
  reason?: Record<string, unknown>;
}

export class ClaimsError extends Error {
  readonly failures: ClaimFailure[];
  /** FDI's body of the 403, with claimValidationErrors. */
  readonly body: string;
  /** FDI's 403. */
  response(): Answer;
}

export class AdminError extends Error {
  /** 0 if there was no answer. */
  readonly status: number;
  /** A code of the admin API, or "unreachable", "unreadable", "unknown". */
  readonly code: string;
  readonly detail: string;
  /** A 503 for a frontend. */
  response(): Answer;
}

export type Mode = "cookie" | "header";

/** What a backend puts into its own answer, for the frontend. */
export interface Reply {
  headers: Record<string, string>;
  cookies: string[];
}

/** A session as the store knows it. Times are ms since 1970. */
export interface SessionInfo {
  sessionHandle: string;
  userId: string;
  recipeUserId: string;
  tenantId: string;
  device: string;
  timeCreated: number;
  timeRefreshed: number;
  expiry: number;
  customClaimsInAccessTokenPayload: Claims;
  sessionClaims: Claims;
  claimsVersion: number;
  userClaimsVersion: number;
}

export interface User {
  userId: string;
  tenantId: string;
  /** For startSession; read it before you check who the user is. */
  epoch: string;
  disabled: boolean;
  claimsVersion: number;
  account: null | {
    emails: string[];
    verified: boolean;
    timeJoined: number;
    hasPassword: boolean;
    thirdParty: { id: string; userId: string }[];
  };
}

export interface Start {
  userId: string;
  mode: Mode;
  epoch: string;
  tenantId?: string;
  recipeUserId?: string;
  /** When the proof of who the user is was made, in ms. */
  issuedAt?: number;
  claims?: Claims;
  data?: Record<string, unknown>;
  device?: string;
  /** The handle of a session that this one takes the place of. */
  replaces?: string;
}

export interface Versioned {
  value: Record<string, unknown>;
  version: number;
}

export interface AdminOptions {
  /** Where Latchkey's API is. Default: LATCHKEY_URL of the environment. */
  url?: string;
  /** Default: AWS_REGION of the environment. */
  region?: string;
  /** Default: the SDK's chain, so the function's role. */
  credentials?: Credentials | (() => Promise<Credentials>);
  /** Of one call, in ms. Default: 10,000. */
  timeout?: number;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

type OfTenant = { tenantId?: string };
type IfVersion = { version?: number };

/** A user of the list. Times are milliseconds since 1970. */
export interface ListedUser {
  userId: string;
  tenantId: string;
  email: string;
  timeJoined: number;
}

/** A user to be added. Without an id it is a random one, without a hash there is no password yet. */
export interface NewUser {
  email: string;
  userId?: string;
  passwordHash?: string;
  verified?: boolean;
  timeJoined?: number;
  claims?: Claims;
}

/** A client of the admin API. Every call may throw an AdminError. */
export class Admin {
  constructor(options?: AdminOptions);
  startSession(start: Start): Promise<{ session: SessionInfo; reply: Reply }>;
  session(handle: string): Promise<SessionInfo>;
  revoke(handle: string): Promise<Reply>;
  revokeMany(handles: string[]): Promise<void>;
  revokeAll(user: string, options?: OfTenant & { except?: string }): Promise<void>;
  sessions(user: string, options?: OfTenant): Promise<SessionInfo[]>;
  data(handle: string): Promise<Versioned>;
  putData(handle: string, data: Record<string, unknown>, options?: IfVersion): Promise<number>;
  mergeClaims(handle: string, claims: Claims, options?: IfVersion): Promise<Versioned>;
  token(handle: string, mode: Mode): Promise<{ session: SessionInfo; reply: Reply }>;
  user(user: string, options?: OfTenant): Promise<User>;
  setDisabled(user: string, disabled: boolean, options?: OfTenant): Promise<User>;
  users(options?: OfTenant & { limit?: number; cursor?: string }): Promise<{ users: ListedUser[]; next?: string }>;
  userByEmail(email: string, options?: OfTenant): Promise<Omit<User, "epoch"> | null>;
  addUser(user: NewUser, options?: OfTenant): Promise<User>;
  changeUser(user: string, change: { disabled?: boolean; email?: string; verified?: boolean }, options?: OfTenant): Promise<User>;
  deleteUser(user: string, options?: OfTenant): Promise<void>;
  userClaims(user: string, options?: OfTenant): Promise<Versioned>;
  mergeUserClaims(user: string, claims: Claims, options?: OfTenant & IfVersion): Promise<Versioned>;
}

/** A session in the hands of a backend. */
export class Session {
  private constructor();
  readonly handle: string;
  readonly user: string;
  readonly recipeUser: string;
  readonly tenant: string;
  /** When the access token ends, in seconds since 1970; null of a session that the backend started. */
  readonly expires: number | null;
  readonly claims: Claims;
  assertClaims(...validators: Validator[]): void;
  info(): Promise<SessionInfo>;
  data(): Promise<Versioned>;
  putData(data: Record<string, unknown>, options?: IfVersion): Promise<number>;
  merge(claims: Claims, options?: IfVersion): Promise<void>;
  setClaim(name: string, value: unknown): Promise<void>;
  removeClaim(name: string): Promise<void>;
  token(mode?: Mode): Promise<void>;
  revoke(): Promise<void>;
  answer(response: Answer): Answer;
}

type Handler = (event: unknown, context?: unknown) => Promise<Answer>;

export class Latchkey {
  constructor(options?: AdminOptions & ReadingOptions);
  readonly admin: Admin;
  session(event: unknown): Session;
  optionalSession(event: unknown): Session | null;
  start(event: unknown, start: Omit<Start, "mode"> & { mode?: Mode }): Promise<Session>;
  withSession(next: (session: Session, event: any, context: any) => Answer | Promise<Answer>): Handler;
  withOptionalSession(next: (session: Session | null, event: any, context: any) => Answer | Promise<Answer>): Handler;
}
