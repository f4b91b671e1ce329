import type { FindingCode, FindingSeverity, InstanceId, Upstream } from "@ticktally/core";
import type { UpstreamRequest } from "./upstream.ts";

/** A setting at the gateway that is not as we need it. */
export interface SettingChange {
  readonly key: string;
  /** `null`: it is not set. */
  readonly from: string | null;
  readonly to: string;
  /** Neither value may be shown. */
  readonly isSecret?: true;
  /** Another program receives webhooks today, and would get none after this. */
  readonly replacesReceiver?: true;
}

/** One thing that was found, in sentences for people. They name neither tokens nor whole addresses of others. */
export interface SetupFinding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  /** What a repair would change. */
  readonly repair?: SettingChange;
}

/** An instance's settings at the gateway, as far as we count by them. */
export interface GatewaySettings {
  /** Where webhooks are posted to; "" for nowhere. */
  readonly address: string;
  /** The token they are posted with; "" for none. */
  readonly token: string;
  /** Kinds of webhooks by the gateway's own word; one that it does not name it does not have. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** What the settings are compared with. */
export interface SetupNeeds {
  /** Where the gateway reaches us; `undefined`: not known. */
  readonly address: string | undefined;
  /** Whose the token in the settings is; `unknown`: nobody's that is known here. */
  readonly token: "ours" | "foreign" | "unknown";
  /** What the gateway could post with; `undefined`: not known here. */
  readonly webhookToken: string | undefined;
  /** Notifications are read there instead of being posted. */
  readonly pull: boolean;
}

/** How an instance is set up at the gateway. It says what to ask and reads what is answered; readers give `undefined` for what they cannot read. */
export interface GatewaySetup {
  settings(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  state(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  /** Webhooks that wait at the gateway. */
  backlog(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  readSettings(answer: unknown): GatewaySettings | undefined;
  /** What the account's state keeps us from counting. */
  readState(answer: unknown): readonly SetupFinding[] | undefined;
  readBacklog(answer: unknown): number | undefined;
  /** Worst first. */
  compare(settings: GatewaySettings, needs: SetupNeeds): readonly SetupFinding[];
  /** @param values by the setting's name */
  change(instance: InstanceId, upstream: Upstream, values: Readonly<Record<string, string>>): UpstreamRequest;
  isChanged(answer: unknown): boolean;
  /** What a change of settings does besides, in a sentence. */
  readonly whenChanged: string;
}
