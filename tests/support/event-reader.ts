import {
  countsEventData,
  messageEventData,
  type CountsEventData,
  type MessageEventData,
} from "../../packages/schemas/src/index.ts";
import { ACCOUNT_TOKEN, type System } from "../system.ts";
import { until } from "./until.ts";

interface ReaderOptions {
  readonly query?: string;
  /** `null`: no token is sent. Default: the account's. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads `GET /events` as a client does, and keeps everything it receives. Call {@link close} at the end. */
export class EventReader {
  readonly response: Response;
  readonly messages: MessageEventData[] = [];
  readonly counts: CountsEventData[] = [];
  /** The whole stream so far. */
  text = "";
  lastEventId = "";
  isEnded = false;
  /** The connection broke, so the last event may be incomplete. */
  isCut = false;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#read();
  }

  /** Resolves when the stream is open. @throws the request was refused */
  static async open(system: System, options: ReaderOptions = {}): Promise<EventReader> {
    const { query = "", token = ACCOUNT_TOKEN, headers } = options;
    const abort = new AbortController();
    const response = await fetch(`${system.apiOrigin}/events${query}`, {
      headers: { ...(token === null ? {} : { token }), ...headers },
      signal: abort.signal,
    });
    if (response.status !== 200) throw new Error(`${String(response.status)} ${await response.text()}`);
    return new EventReader(response, abort);
  }

  /** `id before after`, in the order of arrival. */
  get transitions(): readonly string[] {
    return this.messages.map(({ idMessage, before, after }) => `${idMessage} ${String(before)} ${String(after)}`);
  }

  /** Wait until this many messages were received. */
  async has(messages: number): Promise<void> {
    await until(`${String(messages)} messages are received`, () => this.messages.length >= messages);
  }

  /** Wait until the server ends the stream. */
  async ended(withinMs?: number): Promise<void> {
    await until("the stream has ended", () => this.isEnded, withinMs);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of this.response.body ?? []) {
        const text = decoder.decode(chunk, { stream: true });
        this.text += text;
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) this.#take(block);
      }
    } catch {
      this.isCut = !this.#abort.signal.aborted;
    }
    this.isEnded = true;
  }

  #take(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
    this.lastEventId = field("id");
    const data: unknown = JSON.parse(field("data") === "" ? "null" : field("data"));
    if (field("event") === "message") this.messages.push(messageEventData.strict().parse(data));
    if (field("event") === "counts") this.counts.push(countsEventData.strict().parse(data));
  }
}
