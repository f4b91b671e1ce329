import type { IncomingHttpHeaders } from "node:http";
import type { Logger } from "./logger.ts";

export type TraceAttributes = Readonly<Record<string, string | number>>;

/** A traced request. */
export interface RequestTrace {
  /** The request was answered. @param status of HTTP */
  end(status: number): void;
}

/** Traces of a webhook's way through the processes. */
export interface Tracing {
  /** A request begins, as part of the sender's trace if it has a `traceparent`. @param startedAt of `performance.now()` */
  request(name: string, headers: IncomingHttpHeaders, startedAt: number): RequestTrace | undefined;
  /** Work for several requests at once: it continues the first request's trace and links to the others. */
  together<Result>(
    name: string,
    requests: readonly (RequestTrace | undefined)[],
    attributes: TraceAttributes,
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** A part of the current work. */
  step<Result>(name: string, attributes: TraceAttributes, work: () => Promise<Result>): Promise<Result>;
  /** Send spans that are not sent yet. */
  stop(): Promise<void>;
}

/** No tracing, and no tracing library is loaded. */
export const UNTRACED: Tracing = {
  request: () => undefined,
  together: async (_name, _requests, _attributes, work) => work(),
  step: async (_name, _attributes, work) => work(),
  stop: async () => Promise.resolve(),
};

export interface TracingEnvironment {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_SDK_DISABLED: boolean;
  /** Share of the traces that begin here, 0 to 1. For traces that begin at a sender, the sender decides. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

/** OpenTelemetry's own setting: an address to send traces to. */
export function isTraced(env: TracingEnvironment): boolean {
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return address !== undefined && !env.OTEL_SDK_DISABLED;
}

/** Tracing as configured in the environment. The libraries are loaded only if it is on. */
export async function startTracing(service: string, env: TracingEnvironment, logger: Logger): Promise<Tracing> {
  if (!isTraced(env)) return UNTRACED;
  const { OtelTracing } = await import("./otel-tracing.ts");
  return new OtelTracing(`ticktally-${service}`, env.OTEL_TRACES_SAMPLER_ARG, logger);
}
