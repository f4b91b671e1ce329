import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One request to the stub. */
interface ReceivedRequest {
  readonly instance: string;
  /** As in the path. */
  readonly method: string;
  readonly query: URLSearchParams;
  readonly atMs: number;
}

/** How a misbehaving gateway answers: with an error status, or with one of these faults. */
export type Misbehaviour = number | "silence" | "break off" | "no JSON" | "half a list" | "no list" | "60 MB";

class InstanceScript {
  /** The valid token; the answer to another one is 401. */
  token = "gateway-token";
  outgoing: unknown[] = [];
  incoming: unknown[] = [];
  readonly stories = new Map<string, unknown[]>();
  readonly notifications: unknown[] = [];
  deleted = 0;
  /** The answer to `getSettings`; `setSettings` changes it. */
  settings: unknown = {};
  state: unknown = "authorized";
  /** The answer to `getWebhooksCount`. */
  waiting: unknown = 0;
  /** The body of each `setSettings`. */
  readonly saved: unknown[] = [];
  misbehaviour: Misbehaviour | undefined;
  /** For one method only. */
  readonly misbehaviours = new Map<string, Misbehaviour>();
  retryAfter: string | undefined;
}

/** A gateway with scripted answers that records its requests. Call {@link stop} at the end. */
export class StubGateway {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;
  readonly #scripts = new Map<string, InstanceScript>();
  readonly #inFlight = new Map<string, number>();
  /** The highest number of simultaneous requests of one instance. */
  inFlightMost = 0;

  static async start(): Promise<StubGateway> {
    const stub = new StubGateway();
    await new Promise<void>((resolve) => stub.#server.listen(0, "127.0.0.1", resolve));
    return stub;
  }

  private constructor() {
    this.#server = createServer((req, res) => this.#answer(req, res));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** The scripted answers for an instance; tests change them. */
  of(instance: string): InstanceScript {
    const script = this.#scripts.get(instance) ?? new InstanceScript();
    this.#scripts.set(instance, script);
    return script;
  }

  requestsOf(instance: string): readonly ReceivedRequest[] {
    return this.requests.filter((request) => request.instance === instance);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const url = new URL(req.url ?? "", "http://stub");
    const [, instance = "", method = "", token, receipt] =
      /^\/waInstance(\d+)\/(\w+)\/([\w-]+)(?:\/(\d*))?$/.exec(url.pathname) ?? [];
    const script = this.of(instance);
    this.requests.push({ instance, method, query: url.searchParams, atMs: performance.now() });
    const inFlight = (this.#inFlight.get(instance) ?? 0) + 1;
    this.#inFlight.set(instance, inFlight);
    this.inFlightMost = Math.max(this.inFlightMost, inFlight);
    res.once("close", () => this.#inFlight.set(instance, (this.#inFlight.get(instance) ?? 1) - 1));
    const misbehaviour = script.misbehaviours.get(method) ?? script.misbehaviour;
    if (token !== script.token) json(res, { message: "Unauthorized" }, 401);
    else if (misbehaviour !== undefined) misbehave(res, misbehaviour, script.retryAfter);
    else if (method === "setSettings") void save(script, req, res);
    else json(res, contentOf(script, { method, query: url.searchParams, receipt }));
  }
}

async function save(script: InstanceScript, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const named: unknown = JSON.parse(await text(req));
  script.saved.push(named);
  script.settings = Object.assign({}, script.settings, named);
  json(res, { saveSettings: true });
}

function contentOf(
  script: InstanceScript,
  { method, query, receipt }: { method: string; query: URLSearchParams; receipt: string | undefined },
): unknown {
  switch (method) {
    case "lastOutgoingMessages":
      return script.outgoing;
    case "lastIncomingMessages":
      return script.incoming;
    case "getSettings":
      return script.settings;
    case "getStateInstance":
      return { stateInstance: script.state };
    case "getWebhooksCount":
      return { count: script.waiting };
    case "getStatusStatistic":
      return script.stories.get(query.get("idMessage") ?? "") ?? [];
    case "receiveNotification": {
      const [body] = script.notifications;
      return body === undefined ? null : { receiptId: script.deleted + 1, body };
    }
    case "deleteNotification": {
      if (Number(receipt) !== script.deleted + 1) return { result: false, reason: "unknown receipt" };
      script.notifications.shift();
      script.deleted += 1;
      return { result: true, reason: "" };
    }
    default:
      return { message: "no such method" };
  }
}

function misbehave(res: ServerResponse, misbehaviour: Misbehaviour, retryAfter: string | undefined): void {
  if (retryAfter !== undefined) res.setHeader("retry-after", retryAfter);
  switch (misbehaviour) {
    case "silence":
      return;
    case "break off":
      res.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      res.write('[{"type":"outgo', () => res.destroy());
      return;
    case "no JSON":
      res.end("<html>Bad gateway</html>");
      return;
    case "half a list":
      res.end('[{"type":"outgoing","idMes');
      return;
    case "60 MB":
      res.setHeader("content-type", "application/json");
      res.end(Buffer.concat([Buffer.from("[{}"), Buffer.alloc(60_000_000, ",{}"), Buffer.from("]")]));
      return;
    case "no list":
      json(res, { status: false, reason: "instance is starting" });
      return;
    default:
      json(res, { message: "no" }, misbehaviour);
  }
}

function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
