import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { JournalEntry } from "./shapes/shape.ts";
import { GATEWAY_TOKEN } from "./set-up.ts";
import { LAST_SENDING_SECONDS, type SimulatedInstance, type Traffic } from "./traffic/traffic.ts";
import { happened } from "./truth/expected.ts";

export interface GatewayOptions {
  readonly traffic: Traffic;
  /** Messages before this moment do not exist, Unix ms. */
  readonly sinceMs: number;
  /** The address that webhooks are posted to. */
  readonly webhookUrl: string;
  readonly webhookToken: string;
  /** Number of an instance's webhooks that are not accepted yet. */
  readonly waiting: (instance: string) => number;
  /** Unix ms; later events are not in a journal yet. */
  readonly now: () => number;
}

const JOURNAL_ENTRIES_MAX = 10_000;
const JOURNAL_MINUTES = 1_440;

const spikeQuery = z.strictObject({
  instance: z.string(),
  minutes: z.coerce.number().int().min(1).max(1_440).default(5),
  share: z.coerce.number().min(0).max(1).default(0.5),
});

/** The gateway's API that Ticktally calls: journals, state and settings, in the vendor's shapes. */
export class GatewayServer {
  readonly #options: GatewayOptions;
  readonly #server = createServer((req, res) => {
    this.#answer(req, res);
  });

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}`;
  }

  /** On this machine only. @param port 0 for any that is free */
  async listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const url = new URL(req.url ?? "", "http://simulator");
    if (url.pathname === "/spike") {
      this.#answerSpike(req, res, url.searchParams);
      return;
    }
    const [, id, method = "", token] = /^\/(?:v3\/)?waInstance(\d+)\/(\w+)\/([^/]+)/.exec(url.pathname) ?? [];
    const instance = this.#options.traffic.instances.find((one) => one.id === id);
    if (id === undefined) json(res, 404, { message: "There is no such address." });
    else if (instance === undefined) json(res, 403, { message: "There is no such instance." });
    else if (token !== GATEWAY_TOKEN) json(res, 401, { message: "Unauthorized" });
    else this.#answerMethod(res, instance, method, url.searchParams);
  }

  #answerMethod(res: ServerResponse, instance: SimulatedInstance, method: string, query: URLSearchParams): void {
    const { waiting, now, sinceMs, traffic } = this.#options;
    const minutes = Number(query.get("minutes") ?? JOURNAL_MINUTES);
    switch (method.toLowerCase()) {
      case "lastoutgoingmessages":
        json(res, 200, this.#journal(instance, "outgoing", minutes));
        return;
      case "lastincomingmessages":
        json(res, 200, this.#journal(instance, "incoming", minutes));
        return;
      case "getstateinstance":
        json(res, 200, { stateInstance: traffic.state(instance, { fromMs: sinceMs, toMs: now() }) });
        return;
      case "getsettings":
        json(res, 200, this.#settings());
        return;
      case "setsettings":
        json(res, 200, { saveSettings: true });
        return;
      case "getwebhookscount":
        json(res, 200, { count: waiting(instance.id) });
        return;
      default:
        json(res, 404, { message: "There is no such method." });
    }
  }

  /** Newest first, as the vendor lists them. */
  #journal(instance: SimulatedInstance, type: JournalEntry["type"], minutes: number): readonly JournalEntry[] {
    const { traffic, sinceMs, now } = this.#options;
    const toMs = now();
    const askedFrom = toMs - minutes * 60_000;
    const fromMs = Math.max(sinceMs, askedFrom - LAST_SENDING_SECONDS * 1000);
    const entries: JournalEntry[] = [];
    for (const message of traffic.messagesBetween(instance, { fromMs, toMs })) {
      if (message.direction !== type) continue;
      const entry = instance.shape.journalEntry(message, happened(message, toMs));
      if (entry !== undefined && entry.timestamp * 1000 >= askedFrom) entries.push(entry);
    }
    return entries.toSorted((a, b) => b.timestamp - a.timestamp).slice(0, JOURNAL_ENTRIES_MAX);
  }

  #settings(): object {
    const { webhookUrl, webhookToken } = this.#options;
    const on = [
      "outgoingWebhook",
      "outgoingMessageWebhook",
      "outgoingAPIMessageWebhook",
      "incomingWebhook",
      "stateWebhook",
    ];
    const switches = Object.fromEntries(on.map((name) => [name, "yes"]));
    return { webhookUrl, webhookUrlToken: `Bearer ${webhookToken}`, delaySendMessagesMilliseconds: 500, ...switches };
  }

  /** `POST /spike?instance=shop&minutes=5&share=0.5`: from the next minute on more of its messages fail. */
  #answerSpike(req: IncomingMessage, res: ServerResponse, query: URLSearchParams): void {
    const { traffic, now } = this.#options;
    const asked = spikeQuery.safeParse(Object.fromEntries(query));
    const instance = traffic.instances.find(({ name }) => name === asked.data?.instance);
    if (req.method !== "POST") json(res, 405, { message: "POST it." });
    else if (!asked.success) json(res, 400, { message: z.prettifyError(asked.error) });
    else if (instance === undefined)
      json(res, 404, { message: `Instances are ${traffic.instances.map(({ name }) => name).join(", ")}.` });
    else {
      const { minutes, share } = asked.data;
      const fromMinute = Math.floor(now() / 60_000) + 1;
      traffic.addIncident(instance, { share, fromMinute, toMinute: fromMinute + minutes });
      json(res, 200, { instance: instance.name, from: new Date(fromMinute * 60_000).toISOString(), minutes, share });
    }
  }
}

function json(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
