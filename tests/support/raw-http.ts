import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** A connection that sends bytes as they are, for requests that an HTTP client would not send. */
export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  #isEnded = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#wake();
    });
    const onEnd = () => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on("close", onEnd).on("error", onEnd);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Received bytes that are not part of an answer yet. */
  get unread(): string {
    return this.#received;
  }

  write(bytes: string): void {
    if (!this.#isEnded) this.#socket.write(bytes, "latin1");
  }

  /** The next answers, in order. @throws the connection ended before */
  async answers(count: number): Promise<readonly RawAnswer[]> {
    const answers: RawAnswer[] = [];
    while (answers.length < count) {
      const answer = this.#take();
      if (answer !== undefined) answers.push(answer);
      else if (this.#isEnded) throw new Error(`the connection ended after ${answers.length}`);
      else await this.#change();
    }
    return answers;
  }

  /** Resolves when more was received, or the connection has ended. */
  async #change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(): RawAnswer | undefined {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return undefined;
    const head = this.#received.slice(0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const body = this.#received.slice(end + 4, end + 4 + length);
    if (body.length < length) return undefined;
    this.#received = this.#received.slice(end + 4 + length);
    return { status: Number(head.split(" ")[1]), head, body };
  }
}

/** The bytes of a POST request. */
export function rawPost(path: string, body: string, headers: Readonly<Record<string, string>>): string {
  const own = { host: "localhost", "content-type": "application/json", "content-length": String(body.length) };
  const lines = Object.entries({ ...own, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
