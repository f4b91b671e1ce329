import { hash, timingSafeEqual } from "node:crypto";
import type { InstanceId, InstanceRegistry, Upstream } from "@ticktally/core";
import type {
  Gateway,
  GatewaySettings,
  GatewaySetup,
  SetupFinding,
  SetupNeeds,
  UpstreamRequest,
} from "@ticktally/gateways";
import { GatewayClient, GatewayError } from "@ticktally/outbound";
import type { GatewayPace } from "@ticktally/redis";
import type { Dispatcher } from "undici";

export interface GatewayCheckerDeps {
  readonly registry: Pick<InstanceRegistry, "tokenOwner">;
  readonly pace: Pick<GatewayPace, "turn">;
  /** Connects only to allowed addresses. */
  readonly agent: Dispatcher;
  /** The address of ingest for gateways; `undefined` if unknown. */
  readonly publicUrl: string | undefined;
  /** The account's webhook token; `undefined` if unknown here. */
  readonly webhookToken: string | undefined;
  /** Aborts requests in progress. */
  readonly signal: AbortSignal;
}

/** An instance whose gateway can be called. */
export interface Asked {
  readonly id: InstanceId;
  readonly gateway: Pick<Gateway, "name">;
  readonly api: NonNullable<Gateway["upstream"]>;
  readonly upstream: Upstream;
}

/** The gateway's answers. */
interface Look {
  readonly findings: readonly SetupFinding[];
  /** Webhooks that wait there; `undefined` if not reported. */
  readonly waiting: number | undefined;
}

/** A person waits for the answer. */
const TIMEOUT_MS = 10_000;

/** Compares an instance's settings at its gateway with those that counting needs, and corrects them. */
export class GatewayChecker {
  readonly #deps: GatewayCheckerDeps;
  /** Concurrent checks of an instance share one answer: the gateway allows one request a second. */
  readonly #looks = new Map<InstanceId, Promise<Look>>();

  constructor(deps: GatewayCheckerDeps) {
    this.#deps = deps;
  }

  /** @throws {StoreUnavailableError} */
  async look(asked: Asked): Promise<Look> {
    const look = this.#looks.get(asked.id) ?? this.#look(asked).finally(() => this.#looks.delete(asked.id));
    this.#looks.set(asked.id, look);
    return look;
  }

  /** Read the settings and find what is wrong. @throws {GatewayError} or StoreUnavailableError */
  async compare(asked: Asked): Promise<readonly SetupFinding[]> {
    const { setup } = asked.api;
    const settings = setup.readSettings(await this.#ask(asked, setup.settings(asked.id, asked.upstream)));
    if (settings === undefined) throw unreadable("settings");
    return setup.compare(settings, await this.#needs(asked, settings));
  }

  /** @throws {GatewayError} or StoreUnavailableError */
  async change(asked: Asked, values: Readonly<Record<string, string>>): Promise<void> {
    const { setup } = asked.api;
    const answer = await this.#ask(asked, setup.change(asked.id, asked.upstream, values));
    if (!setup.isChanged(answer)) throw new GatewayError("failed", "the gateway did not save the settings");
  }

  /**
   * A missing part of an answer is a finding. If the gateway does not answer at all, that is a finding too, and the remaining requests are
   * skipped.
   */
  async #look(asked: Asked): Promise<Look> {
    const { setup } = asked.api;
    const findings: SetupFinding[] = [];
    try {
      findings.push(...(await unlessUnreadable(async () => this.compare(asked))));
      findings.push(...(await unlessUnreadable(async () => this.#state(asked, setup))));
      const waiting = setup.readBacklog(await this.#ask(asked, setup.backlog(asked.id, asked.upstream)));
      return { findings: waiting === undefined ? [...findings, faultOf(unreadable("backlog"))] : findings, waiting };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { findings: [...findings, faultOf(error)], waiting: undefined };
    }
  }

  async #state(asked: Asked, setup: GatewaySetup): Promise<readonly SetupFinding[]> {
    const findings = setup.readState(await this.#ask(asked, setup.state(asked.id, asked.upstream)));
    if (findings === undefined) throw unreadable("the account's state");
    return findings;
  }

  async #ask({ id, api, upstream }: Asked, request: UpstreamRequest): Promise<unknown> {
    const { pace, agent, signal } = this.#deps;
    await pace.turn(id, signal);
    return new GatewayClient({ api, upstream, agent, signal }).ask(request, TIMEOUT_MS);
  }

  async #needs({ id, gateway, upstream }: Asked, { token }: GatewaySettings): Promise<SetupNeeds> {
    const { publicUrl, webhookToken } = this.#deps;
    const address =
      publicUrl === undefined ? undefined : `${publicUrl.replace(/(?<!\/)\/+$/, "")}/webhooks/${gateway.name}`;
    return { address, token: await this.#ownerOf(id, token), webhookToken, pull: upstream.pull };
  }

  async #ownerOf(id: InstanceId, token: string): Promise<SetupNeeds["token"]> {
    const { registry, webhookToken } = this.#deps;
    const digest = hash("sha256", token, "buffer");
    if (webhookToken !== undefined && timingSafeEqual(digest, hash("sha256", webhookToken, "buffer"))) return "ours";
    const owner = token === "" ? undefined : await registry.tokenOwner(digest.toString("hex"));
    if (owner === id) return "ours";
    return webhookToken === undefined && owner === undefined && token !== "" ? "unknown" : "foreign";
  }
}

async function unlessUnreadable(find: () => Promise<readonly SetupFinding[]>): Promise<readonly SetupFinding[]> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof GatewayError && error.fault === "unreadable") return [faultOf(error)];
    throw error;
  }
}

function unreadable(what: string): GatewayError {
  return new GatewayError("unreadable", `the gateway's answer about ${what} has an unknown shape`);
}

function faultOf({ fault, message }: GatewayError): SetupFinding {
  return {
    code: `gateway_${fault}`,
    severity: fault === "refused" ? "error" : "warning",
    message: `${WHAT_NOW[fault]} (${message})`,
  };
}

const WHAT_NOW: Readonly<Record<GatewayError["fault"], string>> = {
  refused: "The gateway does not accept the upstream's token: correct `settings.upstream`.",
  limited: "Too many requests to the gateway, or its quota is used up: check again later.",
  unavailable: "The gateway cannot be reached now: check again later, and check `settings.upstream.apiUrl`.",
  timeout: "The gateway does not answer: check again later.",
  unreadable: "An answer of the gateway cannot be read, so this part is unknown.",
  failed: "The gateway refused to answer: check again later, it may be restarting the instance.",
};
