import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  context,
  diag,
  DiagLogLevel,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace-node";
import { logThrottled, type Logger } from "./logger.ts";
import type { RequestTrace, TraceAttributes, Tracing } from "./tracing.ts";

class OtelRequest implements RequestTrace {
  readonly span: Span;

  constructor(span: Span) {
    this.span = span;
  }

  end(status: number): void {
    this.span.setAttribute("http.response.status_code", status);
    if (status >= 500) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** Sends traces as OTLP over HTTP, in JSON, to the endpoint in OpenTelemetry's environment variables. One per process. */
export class OtelTracing implements Tracing {
  readonly #provider: NodeTracerProvider;
  readonly #tracer = trace.getTracer("ticktally");

  /** @param share of the traces that begin in this process */
  constructor(service: string, share: number, logger: Logger) {
    const tell = logThrottled(
      logger,
      "traces cannot be exported; is there a collector at OTEL_EXPORTER_OTLP_ENDPOINT?",
      Date.now,
    );
    const error = (message: string) => {
      tell(new Error(/ECONN\w+|ENOTFOUND|Timeout/i.exec(message)?.[0] ?? "refused"));
    };
    const silent = () => undefined;
    diag.setLogger({ error, warn: silent, info: silent, debug: silent, verbose: silent }, DiagLogLevel.ERROR);
    const root = new WithoutUpkeep(new TraceIdRatioBasedSampler(share));
    this.#provider = new NodeTracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ "service.name": service }))
        .merge(detectResources({ detectors: [envDetector] })),
      sampler: new ParentBasedSampler({ root }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    });
    this.#provider.register();
  }

  request(name: string, headers: IncomingHttpHeaders, startedAt: number): RequestTrace {
    const sender = propagation.extract(ROOT_CONTEXT, headers);
    const attributes = { "http.request.method": "POST" };
    const startTime = performance.timeOrigin + startedAt;
    return new OtelRequest(this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, startTime }, sender));
  }

  async together<Result>(
    name: string,
    requests: readonly (RequestTrace | undefined)[],
    attributes: TraceAttributes,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const spans = requests.flatMap((request) => (request instanceof OtelRequest ? [request.span] : []));
    // An unsampled parent would hide the batch from all sampled traces.
    const first = spans.find((span) => span.isRecording()) ?? spans[0];
    const others = spans.filter((span) => span !== first);
    const links = others.map((span) => ({ context: span.spanContext() }));
    const parent = first === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, first);
    const span = this.#tracer.startSpan(name, { attributes, links }, parent);
    for (const other of others) other.addLink({ context: span.spanContext() });
    return run(span, parent, work);
  }

  async step<Result>(name: string, attributes: TraceAttributes, work: () => Promise<Result>): Promise<Result> {
    return run(this.#tracer.startSpan(name, { attributes }), context.active(), work);
  }

  async stop(): Promise<void> {
    await Promise.race([this.#provider.shutdown(), delay(STOP_MS)]);
  }
}

/** Spans that are not sent by then are lost: an unreachable collector would otherwise delay a deploy by about ten seconds. */
const STOP_MS = 2_000;

async function run<Result>(span: Span, within: Context, work: () => Promise<Result>): Promise<Result> {
  try {
    return await context.with(trace.setSpan(within, span), work);
  } catch (error) {
    const message = error instanceof Error ? error.name : "unknown";
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
}

/** BullMQ's maintenance (looking for jobs and stalled jobs) belongs to no webhook, and would be most of the trace data. */
class WithoutUpkeep implements Sampler {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  shouldSample(...args: Parameters<Sampler["shouldSample"]>): ReturnType<Sampler["shouldSample"]> {
    const [, , , kind] = args;
    if (kind === SpanKind.INTERNAL) return { decision: SamplingDecision.NOT_RECORD };
    return this.#sampler.shouldSample(...args);
  }

  toString(): string {
    return `WithoutUpkeep(${this.#sampler.toString()})`;
  }
}
