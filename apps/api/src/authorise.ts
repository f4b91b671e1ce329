import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";
import type { Request } from "express";
import { ApiError } from "./api-error.ts";
import { gatewayToken, isGatewayRequest } from "./gateway-path.ts";

/** Who asks: the account, which sees everything, or one instance, which sees itself. */
export type Caller = { readonly kind: "account" } | { readonly kind: "instance"; readonly instance: InstanceId };

/** SHA-256 of the token a request carries; `undefined` where it carries none. */
export function tokenDigest(req: Request): Buffer | undefined {
  const token = (isGatewayRequest(req) ? gatewayToken(req) : headerToken(req)).trim();
  return token === "" ? undefined : hash("sha256", token, "buffer");
}

/** The token in `token:` or `Authorization: Bearer`; an empty one counts as none. */
export function headerToken(req: Request): string {
  const own = req.get("token")?.trim() ?? "";
  return own === "" ? (req.get("authorization") ?? "").replace(/^bearer\s+/i, "").trim() : own;
}

/** Tells by its token who makes a request. Tokens are compared as SHA-256, in constant time. */
export class Authoriser {
  readonly #accountToken: Buffer;
  readonly #registry: Pick<InstanceRegistry, "tokenOwner" | "resolve">;

  constructor(accountToken: string, registry: Pick<InstanceRegistry, "tokenOwner" | "resolve">) {
    this.#accountToken = hash("sha256", accountToken, "buffer");
    this.#registry = registry;
  }

  /** Whether this is TokenAccount. */
  isAccount(token: string): boolean {
    return timingSafeEqual(hash("sha256", token, "buffer"), this.#accountToken);
  }

  /** @throws {ApiError} unauthorized */
  async caller(req: Request): Promise<Caller> {
    const digest = tokenDigest(req);
    if (digest === undefined) {
      throw new ApiError("unauthorized", "Missing token: send TokenAccount or TokenInstance in the header `token`.");
    }
    if (timingSafeEqual(digest, this.#accountToken)) return { kind: "account" };
    const instance = await this.#registry.tokenOwner(digest.toString("hex"));
    if (instance === undefined) throw new ApiError("unauthorized", "Invalid token.");
    return { kind: "instance", instance };
  }

  /** @throws {ApiError} unauthorized, or forbidden to an instance's token */
  async account(req: Request): Promise<void> {
    const { kind } = await this.caller(req);
    if (kind !== "account") {
      throw new ApiError("forbidden", "This token reads its own instance only; changes need TokenAccount.");
    }
  }

  /** As {@link instances}, for one. @throws {ApiError} forbidden or not_found */
  async instance(caller: Caller, name: string): Promise<RegisteredInstance> {
    const [instance] = await this.instances(caller, [name]);
    if (instance === undefined) throw notFound([name]);
    return instance;
  }

  /**
   * The instances a caller asks for, each once, in the order asked. Another's token learns nothing about which exist.
   * @throws {ApiError} forbidden or not_found
   */
  async instances(caller: Caller, names: readonly string[]): Promise<readonly RegisteredInstance[]> {
    const found = await this.#registry.resolve(names);
    if (caller.kind === "instance" && found.some((instance) => instance?.id !== caller.instance)) {
      throw new ApiError("forbidden", "This token reads its own instance only.");
    }
    const unknown = names.filter((_, i) => found[i] === undefined);
    if (unknown.length > 0) throw notFound(unknown);
    const byId = new Map(
      found.flatMap((instance) => (instance === undefined ? [] : [[instance.id, instance] as const])),
    );
    return [...byId.values()];
  }
}

function notFound(names: readonly string[]): ApiError {
  return new ApiError("not_found", `Instance not found: ${names.slice(0, 5).join(", ")}`);
}
