import { randomBytes } from "node:crypto";
import { isInstanceId, type InstanceId, type InstanceRegistry } from "@ticktally/core";
import {
  openSecrets,
  sealSecrets,
  type ForwardCipher,
  type Outbox,
  type RedisTargets,
  type TargetOverviews,
} from "@ticktally/redis";
import type { NewTarget, OutboundNetworks, StoredTarget, TargetChange, TargetSecrets } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { ApiError } from "../http/api-error.ts";
import { leadsToUs, type OwnAddresses } from "./own-addresses.ts";

export interface TargetChangesDeps {
  readonly targets: RedisTargets;
  readonly overviews: Pick<TargetOverviews, "dropTarget">;
  readonly outbox: Pick<Outbox, "want">;
  /** `undefined`: FORWARD_KEY is not set. */
  readonly cipher: ForwardCipher | undefined;
  readonly registry: Pick<InstanceRegistry, "resolve">;
  readonly outbound: Pick<OutboundNetworks, "refusesLiteral">;
  /** Addresses that a target may not lead to. */
  readonly own: OwnAddresses;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

const ID_BYTES = 6;
const ID_KEY_BYTES = 32;
/** Standard Webhooks: 24 to 64. */
const SECRET_BYTES = 32;
const OLD_SECRET_SECONDS = 86_400;
/** Forwarders extend it. */
const WANTED_SECONDS = 3_600;

export interface CreatedTarget {
  readonly target: StoredTarget;
  /** It is never shown again. */
  readonly secret: string | undefined;
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/** Creates, changes and deletes targets. */
export class TargetChanges {
  readonly #deps: TargetChangesDeps;

  constructor(deps: TargetChangesDeps) {
    this.#deps = deps;
  }

  /** @throws {ApiError} bad_request, not_found or conflict */
  async create({ name, url, mode, format, authorization, instances, filter }: NewTarget): Promise<CreatedTarget> {
    const cipher = this.#cipher();
    if (mode === "relay" && format !== undefined)
      throw new ApiError("bad_request", '`format` is only for `mode: "events"`: a relay forwards webhooks unchanged.');
    assertFits(mode, filter);
    this.#assertAllowed(url);
    const id = randomBytes(ID_BYTES).toString("base64url");
    const idKey = randomBytes(ID_KEY_BYTES).toString("base64");
    const secret = mode === "events" && format !== "text" ? newSecret() : undefined;
    const secrets = { idKey, ...(authorization === undefined ? {} : { authorization }) };
    const target: StoredTarget = {
      id,
      name,
      url,
      mode,
      ...(format === undefined ? {} : { format }),
      ...(instances === undefined ? {} : { instances: await this.#ids(instances) }),
      ...(filter === undefined ? {} : { filter }),
      state: "active",
      createdAt: Math.floor(this.#deps.now() / 1000),
      sealed: sealSecrets(cipher, id, { ...secrets, ...(secret === undefined ? {} : { secret }) }),
    };
    // Before the answer, so every later change is sent.
    if (mode === "events") await this.#deps.outbox.want(target.instances ?? "all", WANTED_SECONDS);
    const outcome = await this.#deps.targets.add(target);
    if (outcome === "taken") throw new ApiError("conflict", `The name ${name} is taken by another target.`);
    if (outcome === "full")
      throw new ApiError("conflict", "There are already 100 targets, which is the maximum: delete one first.");
    this.#deps.logger.info({ target: name, mode }, "target created");
    return { target, secret };
  }

  /** @returns the new secret; the old one also signs for a day @throws {ApiError} not_found or conflict */
  async rotate(name: string): Promise<CreatedTarget> {
    const [cipher, secret] = [this.#cipher(), newSecret()];
    const until = Math.floor(this.#deps.now() / 1000) + OLD_SECRET_SECONDS;
    const target = await this.#changed(name, (found) => {
      const secrets = this.secrets(found);
      if (secrets.secret === undefined)
        throw new ApiError("conflict", "This target has no signing secret: change `authorization` with PATCH.");
      const oldSecret = { secret: secrets.secret, until };
      return { ...found, sealed: sealSecrets(cipher, found.id, { ...secrets, secret, oldSecret }) };
    });
    this.#deps.logger.info({ target: name }, "target got a new secret");
    return { target, secret };
  }

  /** @throws {ApiError} bad_request, not_found or conflict */
  async change(name: string, change: TargetChange): Promise<StoredTarget> {
    const cipher = this.#cipher();
    if (change.url !== undefined) this.#assertAllowed(change.url);
    const instances = change.instances == null ? undefined : await this.#ids(change.instances);
    const after = await this.#changed(name, (target) => {
      assertFits(target.mode, change.filter ?? undefined);
      const { instances: oldInstances, filter: oldFilter, ...rest } = target;
      const [ids, filter] = [
        change.instances === undefined ? oldInstances : instances,
        change.filter === undefined ? oldFilter : (change.filter ?? undefined),
      ];
      return {
        ...rest,
        ...(ids === undefined ? {} : { instances: ids }),
        ...(filter === undefined ? {} : { filter }),
        ...(change.url === undefined ? {} : { url: change.url }),
        ...(change.authorization === undefined ? {} : { sealed: reauthorised(cipher, target, change.authorization) }),
      };
    });
    // Before the answer, as for a new target.
    if (after.mode === "events" && change.instances !== undefined)
      await this.#deps.outbox.want(after.instances ?? "all", WANTED_SECONDS);
    this.#deps.logger.info({ target: name }, "target changed");
    return after;
  }

  /** @throws {ApiError} not_found */
  async setState(name: string, state: StoredTarget["state"]): Promise<StoredTarget> {
    const after = await this.#changed(name, (target) => ({ ...target, state }));
    this.#deps.logger.info({ target: name, state }, "target changed");
    return after;
  }

  /** Together with everything that waits for it. @throws {ApiError} not_found */
  async delete(name: string): Promise<void> {
    const changed = await this.#deps.targets.change(name, () => undefined);
    if (changed === undefined) throw unknownTarget(name);
    await this.#deps.overviews.dropTarget(changed.before.id);
    this.#deps.logger.info({ target: name }, "target deleted");
  }

  /** @throws {ApiError} not_found */
  async target(name: string): Promise<StoredTarget> {
    const found = (await this.#deps.targets.read()).targets.find((target) => target.name === name);
    if (found === undefined) throw unknownTarget(name);
    return found;
  }

  /** @throws {ApiError} conflict if they cannot be decrypted */
  secrets(target: StoredTarget): TargetSecrets {
    const secrets = openSecrets(this.#cipher(), target);
    if (secrets === undefined) throw keyLost(target.name);
    return secrets;
  }

  async #changed(name: string, decide: (target: StoredTarget) => StoredTarget): Promise<StoredTarget> {
    const changed = await this.#deps.targets.change(name, decide);
    if (changed?.after === undefined) throw unknownTarget(name);
    return changed.after;
  }

  #cipher(): ForwardCipher {
    const { cipher } = this.#deps;
    if (cipher !== undefined) return cipher;
    throw new ApiError(
      "conflict",
      "Targets need FORWARD_KEY, which encrypts waiting webhooks: set it to the output of `openssl rand -hex 32`, for every process.",
    );
  }

  /** An early check; the connection itself is checked later. @throws {ApiError} bad_request */
  #assertAllowed(url: string): void {
    if (this.#deps.outbound.refusesLiteral(url)) {
      throw new ApiError(
        "bad_request",
        "`url` must lead to a public address, or to a network that OUTBOUND_ALLOWED_NETWORKS names.",
      );
    }
    if (leadsToUs(url, this.#deps.own))
      throw new ApiError(
        "bad_request",
        "`url` leads to Ticktally itself or to its Redis: use the address of the receiver.",
      );
  }

  /** An instance may be named by its id before its first webhook. */
  async #ids(names: readonly string[]): Promise<InstanceId[]> {
    const found = await this.#deps.registry.resolve(names);
    const unknown = names.filter((name, i) => found[i] === undefined && !isInstanceId(name));
    if (unknown.length > 0) throw new ApiError("not_found", `Instance not found: ${unknown.slice(0, 5).join(", ")}`);
    return [...new Set(names.map((name, i) => found[i]?.id ?? name))];
  }
}

/** A filter must fit the target's mode. @throws {ApiError} bad_request */
function assertFits(mode: NewTarget["mode"], filter: NewTarget["filter"]): void {
  if (mode === "relay" && filter?.events !== undefined)
    throw new ApiError(
      "bad_request",
      '`filter.events` is for a target with `"mode": "events"`: a relay sends the webhooks themselves. Leave it out, or create a second target for events.',
    );
  if (mode === "events" && filter?.types !== undefined)
    throw new ApiError(
      "bad_request",
      "`filter.types` is only for a relay. Use `directions` and `statuses` to filter events.",
    );
}

/** @throws {ApiError} conflict */
function reauthorised(cipher: ForwardCipher, target: StoredTarget, authorization: string | null): string {
  const secrets = openSecrets(cipher, target);
  if (secrets === undefined) throw keyLost(target.name);
  const { secret, oldSecret, idKey } = secrets;
  return sealSecrets(cipher, target.id, {
    idKey,
    ...(secret === undefined ? {} : { secret }),
    ...(oldSecret === undefined ? {} : { oldSecret }),
    ...(authorization === null ? {} : { authorization }),
  });
}

function keyLost(name: string): ApiError {
  return new ApiError(
    "conflict",
    `No key of FORWARD_KEY decrypts the target ${name}: put the old key back, or create it again.`,
  );
}

function unknownTarget(name: string): ApiError {
  return new ApiError("not_found", `Target not found: ${name.slice(0, 80)}`);
}
