import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request to the receiver. */
export interface ReceivedPost {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** How the receiver answers a request. */
export type Behaviour = (post: ReceivedPost, res: ServerResponse) => void;

/** A receiver of webhooks whose behaviour a test sets. */
export class TargetReceiver {
  /** All requests, including those that were not answered with 200. */
  readonly posts: ReceivedPost[] = [];
  behaviour: Behaviour = ok;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (req, res: ServerResponse) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("error", () => undefined);
      req.on("end", () => {
        const post = { body: Buffer.concat(chunks).toString(), headers: req.headers };
        this.posts.push(post);
        this.behaviour(post, res);
      });
    });
  }

  static async start(): Promise<TargetReceiver> {
    const receiver = new TargetReceiver(createServer());
    await receiver.restart(0);
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/bot`;
  }

  async restart(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  get bodies(): readonly string[] {
    return this.posts.map(({ body }) => body);
  }

  /** Close all connections, so that unanswered requests fail. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const ok: Behaviour = (_, res) => {
  res.writeHead(200).end();
};

export function answering(status: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return (_, res) => {
    res.writeHead(status, headers).end(status === 204 ? undefined : "no");
  };
}
