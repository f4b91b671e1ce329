import { hash, randomBytes } from "node:crypto";
import {
  isInstanceId,
  type InstanceAdministration,
  type InstanceEraser,
  type InstanceId,
  type RegisteredInstance,
  type SettingsStore,
  type UpstreamStore,
} from "@ticktally/core";
import { gatewayOf } from "@ticktally/gateways";
import type { ForwardedInstances } from "@ticktally/redis";
import type { InstanceChange, NewInstance, OutboundNetworks, SettingsChange } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { ApiError } from "../http/api-error.ts";

export interface InstanceChangesDeps {
  readonly administration: InstanceAdministration;
  readonly settings: Pick<SettingsStore, "changeSettings">;
  readonly upstreams: Pick<UpstreamStore, "setUpstream">;
  readonly eraser: Pick<InstanceEraser, "forget">;
  readonly quarantine: {
    ids(filter: { readonly instance: InstanceId }): Promise<readonly string[]>;
    remove(ids: readonly string[]): Promise<number>;
  };
  /** An instance's counters as Prometheus sees them. */
  readonly grown: (id: InstanceId) => Promise<ReadonlyMap<string, number>>;
  /** Its webhooks that wait for targets. */
  readonly forwarded: Pick<ForwardedInstances, "drop">;
  /** Networks that upstreams may be in. */
  readonly outbound: Pick<OutboundNetworks, "refusesLiteral">;
  /** Called after an instance is deleted, when there is something to erase. */
  readonly onForgotten: (id: InstanceId) => void;
  readonly logger: Logger;
}

const TOKEN_BYTES = 32;
const DISCARDED_AT_ONCE = 500;

/** Creates, changes and deletes instances. */
export class InstanceChanges {
  readonly #deps: InstanceChangesDeps;

  constructor(deps: InstanceChangesDeps) {
    this.#deps = deps;
  }

  /** @returns the instance and its first token, which cannot be shown again @throws {ApiError} conflict or bad_request */
  async create(given: NewInstance): Promise<{ readonly instance: RegisteredInstance; readonly token: string }> {
    const instance = { id: given.idInstance, name: given.name ?? given.idInstance };
    if (gatewayOf(instance.id) === undefined)
      throw new ApiError(
        "bad_request",
        "`idInstance` names an unknown gateway: use digits for GREEN-API, or a gateway's name, a colon and the id there.",
      );
    assertOwnId(instance);
    this.#assertAllowed(instance.id, given.settings);
    const outcome = await this.#deps.administration.create(instance);
    if (outcome === "id_taken")
      throw new ApiError(
        "conflict",
        `An instance with idInstance ${instance.id} already exists: change it with PATCH /instances/${instance.id}, or get a token with POST /instances/${instance.id}/token.`,
      );
    if (outcome === "name_taken") throw nameTaken(instance.name);
    await this.#changeSettings(instance.id, given.settings);
    const token = await this.giveToken(instance);
    this.#deps.logger.info({ instance: instance.id }, "instance created");
    return { instance, token };
  }

  /** @throws {ApiError} conflict, bad_request or not_found */
  async change(instance: RegisteredInstance, { name, settings }: InstanceChange): Promise<RegisteredInstance> {
    const changed = { id: instance.id, name: name ?? instance.name };
    this.#assertAllowed(instance.id, settings);
    if (name !== undefined) {
      assertOwnId(changed);
      const outcome = await this.#deps.administration.rename(instance.id, name);
      if (outcome === "name_taken") throw nameTaken(name);
      if (outcome === "unknown") throw gone(instance);
    }
    await this.#changeSettings(instance.id, settings);
    this.#deps.logger.info({ instance: instance.id }, "instance changed");
    return changed;
  }

  /**
   * Unregister an instance and forget its counts and its quarantined webhooks. It stays registered until its data are forgotten, so a call
   * that fails half-way can be repeated. Webhooks counted meanwhile are deleted as well.
   */
  async delete({ id }: RegisteredInstance): Promise<void> {
    const { administration, upstreams, eraser, grown, onForgotten, logger } = this.#deps;
    const counted = await grown(id);
    await upstreams.setUpstream(id, undefined);
    await eraser.forget(id);
    await this.#discardQuarantined(id);
    await administration.remove(id, counted);
    await eraser.forget(id);
    await this.#deps.forwarded.drop([{ instance: id, beforeMs: Infinity }]);
    onForgotten(id);
    logger.info({ instance: id }, "instance deleted");
  }

  /** @throws {ApiError} not_found */
  async giveToken(instance: RegisteredInstance): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const outcome = await this.#deps.administration.addToken(instance.id, hash("sha256", token, "hex"));
    if (outcome === "unknown") throw gone(instance);
    this.#deps.logger.info({ instance: instance.id }, "instance got a new token");
    return token;
  }

  async #discardQuarantined(instance: InstanceId): Promise<void> {
    const ids = await this.#deps.quarantine.ids({ instance });
    for (let from = 0; from < ids.length; from += DISCARDED_AT_ONCE)
      await this.#deps.quarantine.remove(ids.slice(from, from + DISCARDED_AT_ONCE));
  }

  /** An early check; the connection itself is checked later. @throws {ApiError} bad_request */
  #assertAllowed(id: InstanceId, { upstream }: SettingsChange = {}): void {
    if (upstream == null) return;
    if (gatewayOf(id)?.upstream === undefined)
      throw new ApiError(
        "bad_request",
        "Ticktally cannot read the API of this gateway, so `settings.upstream` cannot be set.",
      );
    if (!this.#deps.outbound.refusesLiteral(upstream.apiUrl)) return;
    throw new ApiError(
      "bad_request",
      "`settings.upstream.apiUrl` must lead to a public address, or to a network that OUTBOUND_ALLOWED_NETWORKS names.",
    );
  }

  async #changeSettings(id: InstanceId, settings: SettingsChange = {}): Promise<void> {
    const { upstream, ...counted } = settings;
    await this.#deps.settings.changeSettings(id, counted);
    if (upstream !== undefined) await this.#deps.upstreams.setUpstream(id, upstream ?? undefined);
  }
}

/** Another instance could have this as its id. */
function assertOwnId({ id, name }: RegisteredInstance): void {
  if (name === id || (!/^\d+$/.test(name) && !isInstanceId(name))) return;
  throw new ApiError(
    "bad_request",
    "`name` must not be digits only, nor look like the id of an instance, unless it is the instance's own id: add a letter.",
  );
}

function nameTaken(name: string): ApiError {
  return new ApiError("conflict", `The name ${name} is taken by another instance; choose another.`);
}

/** Deleted concurrently. */
function gone({ name }: RegisteredInstance): ApiError {
  return new ApiError("not_found", `Instance not found: ${name}`);
}
