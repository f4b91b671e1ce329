import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gateway, RequestHead } from "@ticktally/gateways";
import type { RequestTrace } from "@ticktally/telemetry";
import type { ForwardedRequest } from "./forwarding.ts";
import type { GatewayTallies } from "../ingest-metrics.ts";

/** A request at the address of a gateway. */
export interface Posted {
  readonly gateway: Gateway;
  /** What follows the gateway's name in the path. */
  readonly server: string | undefined;
  readonly tallies: GatewayTallies;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly startedAt: number;
}

/** A request whose lines are on their way: it is answered when the last of them is stored or refused. */
export interface Waiter {
  readonly posted: Posted;
  /** Lines that are in no stored batch yet. */
  left: number;
  error: unknown;
  /** Of its lines, and what it costs besides. */
  readonly chars: number;
  /** One a line. */
  readonly types: readonly string[];
  /** As its sender named the request, if it did. */
  readonly requestId: string | undefined;
  readonly trace: RequestTrace | undefined;
  readonly forwarded: ForwardedRequest;
  /** With the first of its lines. */
  isForwarded: boolean;
}

export function headOf({ method = "", url = "", headers }: IncomingMessage): RequestHead {
  return { method, url, headers };
}
