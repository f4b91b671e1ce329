import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";
import { headerToken } from "@ticktally/gateways";
import type { RedisReadTokens, RedisSessions } from "@ticktally/redis";
import type { Request } from "express";
import { ApiError } from "../http/api-error.ts";
import { gatewayToken, isGatewayRequest } from "../http/gateway-path.ts";
import { sessionOf } from "./session-cookie.ts";

/**
 * The caller: the account, which may read and change everything; a read token, which may read everything; or an instance, which may read
 * itself.
 */
export type Caller =
  | { readonly kind: "account" }
  | { readonly kind: "read"; readonly id: string; readonly name: string }
  | { readonly kind: "instance"; readonly instance: InstanceId };

/** A caller, and the key that its requests are counted by. */
export interface Identity {
  readonly caller: Caller;
  /** SHA-256 of its token, hex. */
  readonly tokenDigest: string;
  /** SHA-256 of its session, hex, if it used one. */
  readonly sessionDigest: string | undefined;
}

export interface AuthoriserOptions {
  readonly accountToken: string;
  readonly registry: Pick<InstanceRegistry, "tokenOwner" | "resolve">;
  readonly readTokens: Pick<RedisReadTokens, "find" | "used">;
  readonly sessions: Pick<RedisSessions, "tokenOf">;
  /** Unix ms */
  readonly now: () => number;
}

/** Read the token from `token:` or `Authorization: Bearer`; an empty one counts as none. */
export function requestToken(req: Request): string {
  const own = req.get("token")?.trim() ?? "";
  return own === "" ? headerToken(req.get("authorization"), "bearer") : own;
}

/** Required for changes in a session, because no form or link of another site can send it. */
const CHANGE_HEADER = "x-ticktally-console";
const READING_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Identifies the caller of a request by its token or session. Tokens are compared as SHA-256, in constant time. */
export class Authoriser {
  readonly #options: AuthoriserOptions;
  readonly #accountDigest: Buffer;
  /** Cached per request, because the rate limiter, the parameter check and the route all need it. */
  readonly #identities = new WeakMap<Request, Promise<Identity>>();

  constructor(options: AuthoriserOptions) {
    this.#options = options;
    this.#accountDigest = hash("sha256", options.accountToken, "buffer");
  }

  /** Whether this is TokenAccount. */
  isAccount(token: string): boolean {
    return timingSafeEqual(hash("sha256", token, "buffer"), this.#accountDigest);
  }

  /** @throws {ApiError} unauthorized, or forbidden for a change in a session without {@link CHANGE_HEADER} */
  async identity(req: Request): Promise<Identity> {
    const known = this.#identities.get(req) ?? this.#identify(req);
    this.#identities.set(req, known);
    return known;
  }

  /** @throws {ApiError} as {@link identity} */
  async caller(req: Request): Promise<Caller> {
    return (await this.identity(req)).caller;
  }

  /** @throws {ApiError} unauthorized, or forbidden for any other token */
  async account(req: Request): Promise<void> {
    const { kind } = await this.caller(req);
    if (kind === "instance") {
      throw new ApiError("forbidden", "This token can only read its own instance; changes need TokenAccount.");
    }
    if (kind === "read") throw new ApiError("forbidden", "This token can only read; changes need TokenAccount.");
  }

  /**
   * All except read tokens. An instance's token may only change its own, see {@link instance}.
   * @throws {ApiError} unauthorized, or forbidden
   */
  async owner(req: Request): Promise<void> {
    const { kind } = await this.caller(req);
    if (kind === "read")
      throw new ApiError(
        "forbidden",
        "This token can only read; this call needs TokenAccount or the instance's token.",
      );
  }

  /** @returns the account or a read token @throws {ApiError} unauthorized, or forbidden for an instance's token */
  async reader(req: Request): Promise<"account" | "read"> {
    const { kind } = await this.caller(req);
    if (kind === "instance") {
      throw new ApiError(
        "forbidden",
        "This token can only read its own instance; this call needs TokenAccount or a read token.",
      );
    }
    return kind;
  }

  /** As {@link instances}, for one. @throws {ApiError} forbidden or not_found */
  async instance(caller: Caller, name: string): Promise<RegisteredInstance> {
    const [instance] = await this.instances(caller, [name]);
    if (instance === undefined) throw notFound([name]);
    return instance;
  }

  /**
   * The requested instances, each once, in the requested order. A token of another instance learns nothing about which exist.
   * @throws {ApiError} forbidden or not_found
   */
  async instances(caller: Caller, names: readonly string[]): Promise<readonly RegisteredInstance[]> {
    const found = await this.#options.registry.resolve(names);
    if (caller.kind === "instance" && found.some((instance) => instance?.id !== caller.instance)) {
      throw new ApiError("forbidden", "This token can only read its own instance.");
    }
    const unknown = names.filter((_, i) => found[i] === undefined);
    if (unknown.length > 0) throw notFound(unknown);
    const byId = new Map(
      found.flatMap((instance) => (instance === undefined ? [] : [[instance.id, instance] as const])),
    );
    return [...byId.values()];
  }

  /** Find the owner of a token. @param tokenDigest SHA-256, hex @returns `undefined` if the token is invalid */
  async ownerOf(tokenDigest: string): Promise<Caller | undefined> {
    if (timingSafeEqual(Buffer.from(tokenDigest, "hex"), this.#accountDigest)) return { kind: "account" };
    const { registry, readTokens, now } = this.#options;
    const [instance, readToken] = await Promise.all([registry.tokenOwner(tokenDigest), readTokens.find(tokenDigest)]);
    if (instance !== undefined) return { kind: "instance", instance };
    if (readToken === undefined) return undefined;
    const { id, name } = readToken;
    await readTokens.used(id, Math.floor(now() / 1000));
    return { kind: "read", id, name };
  }

  /** Whether an admitted caller would still be admitted. */
  async isStill({ caller, tokenDigest, sessionDigest }: Identity): Promise<boolean> {
    const digest = sessionDigest === undefined ? tokenDigest : await this.#options.sessions.tokenOf(sessionDigest);
    const now = digest === undefined ? undefined : await this.ownerOf(digest);
    return isSame(now, caller);
  }

  async #identify(req: Request): Promise<Identity> {
    const token = (isGatewayRequest(req) ? gatewayToken(req) : requestToken(req)).trim();
    const session = token === "" ? sessionOf(req) : undefined;
    if (session !== undefined) return this.#ofSession(req, hash("sha256", session));
    if (token === "") {
      throw new ApiError("unauthorized", "Missing token: send TokenAccount or TokenInstance in the header `token`.");
    }
    const tokenDigest = hash("sha256", token);
    const caller = await this.ownerOf(tokenDigest);
    if (caller === undefined) throw new ApiError("unauthorized", "Invalid token.");
    return { caller, tokenDigest, sessionDigest: undefined };
  }

  async #ofSession(req: Request, sessionDigest: string): Promise<Identity> {
    const tokenDigest = await this.#options.sessions.tokenOf(sessionDigest);
    const caller = tokenDigest === undefined ? undefined : await this.ownerOf(tokenDigest);
    if (tokenDigest === undefined || caller === undefined) {
      throw new ApiError("unauthorized", "The session has ended: sign in again.");
    }
    if (!READING_METHODS.has(req.method) && req.get(CHANGE_HEADER) === undefined) {
      throw new ApiError(
        "forbidden",
        "Send the header `X-Ticktally-Console` with requests that change something in a session.",
      );
    }
    return { caller, tokenDigest, sessionDigest };
  }
}

function isSame(a: Caller | undefined, b: Caller): boolean {
  if (a?.kind !== b.kind) return false;
  return a.kind !== "instance" || b.kind !== "instance" || a.instance === b.instance;
}

function notFound(names: readonly string[]): ApiError {
  return new ApiError("not_found", `Instance not found: ${names.slice(0, 5).join(", ")}`);
}
