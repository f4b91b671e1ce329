import type { IncomingHttpHeaders } from "node:http";
import type { Logger } from "./logger.ts";

export type TraceAttributes = Readonly<Record<string, string | number>>;

/** A request that is traced. */
export interface RequestTrace {
  /** It is answered. @param status of HTTP */
  end(status: number): void;
}

/** Where the time goes, from one process to the next. */
export interface Tracing {
  /** A request begins, as part of its sender's trace if its `traceparent` says so. @param startedAt of `performance.now()` */
  request(name: string, headers: IncomingHttpHeaders, startedAt: number): RequestTrace | undefined;
  /** Work for several requests at once: it goes on with the first one's trace, and is linked with the others'. */
  together<Result>(
    name: string,
    requests: readonly (RequestTrace | undefined)[],
    attributes: TraceAttributes,
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** Part of what is under way. */
  step<Result>(name: string, attributes: TraceAttributes, work: () => Promise<Result>): Promise<Result>;
  /** Send what is not sent yet. */
  stop(): Promise<void>;
}

/** Nothing is traced, and nothing is loaded for it. */
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
  /** Share of the traces that begin here, 0 to 1; those that begin at a sender are traced as it says. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

/** OpenTelemetry's own switch: an address to send traces to. */
export function isTraced(env: TracingEnvironment): boolean {
  const address = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return address !== undefined && !env.OTEL_SDK_DISABLED;
}

/** Tracing as the environment says. The libraries are loaded only if it is switched on. */
export async function startTracing(service: string, env: TracingEnvironment, logger: Logger): Promise<Tracing> {
  if (!isTraced(env)) return UNTRACED;
  const { OtelTracing } = await import("./otel-tracing.ts");
  return new OtelTracing(`ticktally-${service}`, env.OTEL_TRACES_SAMPLER_ARG, logger);
}
