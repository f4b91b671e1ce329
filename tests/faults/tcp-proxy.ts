import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/**
 * The network between us and a server, to be broken at will.
 * - `open`: bytes pass, `delayMs` late
 * - `cut`: every connection is reset, and new ones too
 * - `silent`: connections stand and new ones are made, but no byte passes; those under way arrive when it opens
 * - `mute`: what we send arrives, no answer comes back until it opens
 */
export type NetworkState = "open" | "cut" | "silent" | "mute";

interface Link {
  readonly near: Socket;
  readonly far: Socket;
}

/** By then the server's keep-alive has found out that nobody is there any more (Redis: `tcp-keepalive`). */
const KEEP_ALIVE_MS = 30_000;

export class TcpProxy {
  readonly port: number;
  delayMs = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #state: NetworkState = "open";

  static async start(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    return new TcpProxy(server, port, targetPort);
  }

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (near) => this.#link(near, targetPort));
  }

  set(state: NetworkState): void {
    this.#state = state;
    for (const link of this.#links) this.#apply(link);
  }

  /** Forget all connections without telling either end, as a firewall does whose table was lost: no byte ever passes again. */
  forget(): void {
    for (const link of this.#links) {
      link.near.pause().removeAllListeners("data");
      link.far.pause().removeAllListeners("data");
      setTimeout(() => link.far.destroy(), KEEP_ALIVE_MS).unref();
    }
    this.#links.clear();
  }

  async stop(): Promise<void> {
    this.set("cut");
    this.#server.close();
    await once(this.#server, "close");
  }

  #link(near: Socket, targetPort: number): void {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    near.setNoDelay(true);
    const link = { near, far };
    this.#links.add(link);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#carry(from, to);
      from.on("error", () => undefined);
      from.on("close", () => {
        to.destroy();
        this.#links.delete(link);
      });
    }
    this.#apply(link);
  }

  #apply({ near, far }: Link): void {
    if (this.#state === "cut") {
      near.resetAndDestroy();
      far.destroy();
      return;
    }
    if (this.#state === "silent") near.pause();
    else near.resume();
    if (this.#state === "open") far.resume();
    else far.pause();
  }

  /** Bytes keep their order, however late they are. */
  #carry(from: Socket, to: Socket): void {
    let carried = Promise.resolve();
    from.on("data", (chunk) => {
      const due = Date.now() + this.delayMs;
      carried = carried
        .then(async () => (due > Date.now() ? wait(due - Date.now()) : undefined))
        .then(() => void to.write(chunk));
    });
    from.on("end", () => to.end());
  }
}
