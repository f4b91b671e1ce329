import type { FindingCode, FindingSeverity, InstanceId, Upstream } from "@ticktally/core";
import type { UpstreamRequest } from "./upstream.ts";

/** A setting at the gateway that has to be changed. */
export interface SettingChange {
  readonly key: string;
  /** `null`: it is not set. */
  readonly from: string | null;
  readonly to: string;
  /** Neither value may be shown. */
  readonly isSecret?: true;
  /** Another program receives webhooks now and would no longer get them. */
  readonly replacesReceiver?: true;
}

/** A finding, in sentences for people. They contain neither tokens nor full addresses of others. */
export interface SetupFinding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  /** What a repair would change. */
  readonly repair?: SettingChange;
}

/** An instance's settings at the gateway, as far as counting depends on them. */
export interface GatewaySettings {
  /** The address that webhooks are posted to; "" for none. */
  readonly address: string;
  /** The token they are posted with; "" for none. */
  readonly token: string;
  /** Kinds of webhooks by the gateway's own name; it does not have the others. */
  readonly switches: ReadonlyMap<string, boolean>;
}

/** The values to compare the settings with. */
export interface SetupNeeds {
  /** Our address for the gateway; `undefined` if unknown. */
  readonly address: string | undefined;
  /** The owner of the token in the settings; `unknown` if it matches no known token. */
  readonly token: "ours" | "foreign" | "unknown";
  /** A token the gateway could use; `undefined` if unknown here. */
  readonly webhookToken: string | undefined;
  /** Whether notifications are pulled instead of posted. */
  readonly pull: boolean;
}

/**
 * How an instance is set up at the gateway. It builds requests and reads answers; readers return `undefined` for answers they cannot read.
 */
export interface GatewaySetup {
  settings(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  state(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  /** Webhooks that wait at the gateway. */
  backlog(instance: InstanceId, upstream: Upstream): UpstreamRequest;
  readSettings(answer: unknown): GatewaySettings | undefined;
  /** Findings about the account's state. */
  readState(answer: unknown): readonly SetupFinding[] | undefined;
  readBacklog(answer: unknown): number | undefined;
  /** Worst first. */
  compare(settings: GatewaySettings, needs: SetupNeeds): readonly SetupFinding[];
  /** @param values by the setting's name */
  change(instance: InstanceId, upstream: Upstream, values: Readonly<Record<string, string>>): UpstreamRequest;
  isChanged(answer: unknown): boolean;
  /** The side effect of changing settings, in one sentence. */
  readonly whenChanged: string;
}
