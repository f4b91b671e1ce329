import type { WebhookQueue } from "@ticktally/core";
import type { GatewaySecrets, Pseudonyms } from "@ticktally/gateways";
import type { Logger, Tracing } from "@ticktally/telemetry";
import type { Forwarding } from "./forwarding.ts";
import type { FailedLoginLimit } from "../failed-login-limit.ts";
import type { IngestMetrics } from "../ingest-metrics.ts";
import type { SenderAddress } from "../access/sender-address.ts";
import type { WebhookSources } from "../access/webhook-sources.ts";

export interface IntakeOptions {
  readonly queue: WebhookQueue;
  readonly secrets: GatewaySecrets;
  readonly sources: WebhookSources;
  readonly senderAddress: SenderAddress;
  readonly failedLogins: FailedLoginLimit;
  readonly forwarding: Forwarding;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly bodyBytesMax: number;
  readonly batchMax: number;
  readonly storeTimeoutMs: number;
  readonly queueJobsMax: number;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms?: Pseudonyms | undefined;
  /** Unix ms */
  readonly now: () => number;
}
