import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import Negotiator from "negotiator";
import { listen, SECURITY_HEADERS, SLOW_SENDERS } from "./http-server.ts";

/** Whether a process can do its job now, and if not, why. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** Problems that do not stop it from working. */
  readonly warnings: readonly string[];
}

/** @param faults problems that stop the process from working @param warnings problems that do not */
export function readinessOf({
  faults,
  warnings,
}: {
  faults: readonly string[];
  warnings: readonly string[];
}): Readiness {
  return { ready: faults.length === 0, reasons: faults, warnings };
}

/** Anything that can be scraped, such as a prom-client `Registry`. */
export interface MetricsSource {
  readonly contentType: string;
  /**
   * @returns the text, whole or in pieces: producing a large text at once would block all other requests. Each piece is requested when the
   * previous ones are sent.
   */
  metrics(): Promise<string | Iterable<string>>;
}

export interface OpsOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: MetricsSource;
  readonly readiness: () => Promise<Readiness>;
  /** Additional pages of a process, at this path and below; only for GET. */
  readonly pages?: { readonly path: string; readonly take: RequestListener };
}

export interface OpsServer {
  /** From now on `/readyz` answers 503, so no more work is sent. */
  drain(): void;
}

/** `/metrics` for Prometheus, `/healthz` (the process runs) and `/readyz` (it can do its job now; 503 with reasons if not). */
export async function startOpsServer({ host, port, metrics, readiness, pages }: OpsOptions): Promise<OpsServer> {
  let draining = false;
  const server = createServer(SLOW_SENDERS, (req, res) => {
    const [path = ""] = (req.url ?? "").split("?");
    if (req.method !== "GET" && req.method !== "HEAD") send(res, 405, { error: "only GET is answered here" });
    else if (path === "/healthz") send(res, 200, { status: "ok" });
    else if (path === "/readyz") void sendReadiness(res, draining ? async () => Promise.resolve(DRAINING) : readiness);
    else if (path === "/metrics") void sendMetrics(req, res, metrics);
    else if (pages !== undefined && `${path}/`.startsWith(`${pages.path}/`)) pages.take(req, res);
    else
      send(res, 404, {
        error: `this port serves ${["/metrics", "/healthz", pages?.path ?? []].flat().join(", ")} and /readyz`,
      });
  });
  await listen(server, host, port);
  return {
    drain: () => {
      draining = true;
    },
  };
}

const DRAINING: Readiness = { ready: false, reasons: ["shutting down"], warnings: [] };

async function sendReadiness(res: ServerResponse, readiness: () => Promise<Readiness>): Promise<void> {
  const { ready, reasons, warnings } = await readiness().catch(notReady);
  send(res, ready ? 200 : 503, { status: ready ? "ready" : "not ready", reasons, warnings });
}

function notReady(error: unknown): Readiness {
  return { ready: false, reasons: [error instanceof Error ? error.message : "unknown"], warnings: [] };
}

/** Compressed if the scraper accepts it, as Prometheus does: the text shrinks to a twentieth, and the fastest level takes 10 ms per MB. */
async function sendMetrics(req: IncomingMessage, res: ServerResponse, source: MetricsSource): Promise<void> {
  try {
    const metrics = await source.metrics();
    const pieces = paced(typeof metrics === "string" ? [metrics] : metrics);
    const head = { ...SECURITY_HEADERS, "content-type": source.contentType, vary: "accept-encoding" };
    if (new Negotiator(req).encoding(["gzip", "identity"]) === "gzip") {
      res.writeHead(200, { ...head, "content-encoding": "gzip" });
      await pipeline(pieces, createGzip({ level: constants.Z_BEST_SPEED }), res);
    } else {
      res.writeHead(200, head);
      await pipeline(pieces, res);
    }
  } catch (error) {
    // A scrape that is aborted is not an error.
    if (res.headersSent) res.destroy();
    else send(res, 503, { error: error instanceof Error ? error.message : "unknown" });
  }
}

/** Let other requests run after each piece: otherwise a fast reader would be sent everything without a pause. */
async function* paced(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await new Promise(setImmediate);
  }
}

function send(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { ...SECURITY_HEADERS, "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
