import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../support/until.ts";

/**
 * The state of the network between us and a server.
 * - `open`: bytes pass, delayed by `delayMs`
 * - `cut`: every connection is reset, including new ones
 * - `silent`: connections stay open and new ones are accepted, but no byte passes; delayed bytes arrive when the network opens
 * - `mute`: requests arrive, but no answer comes back until the network opens
 */
export type NetworkState = "open" | "cut" | "silent" | "mute";

interface Link {
  readonly near: Socket;
  readonly far: Socket;
  /** Set while data is held back; resolves when that data has been sent on. */
  held?: Promise<void>;
  isCutAtAnswer: boolean;
}

/** Waits for the next data that contains the mark. */
interface Trap {
  readonly mark: string;
  readonly kind: "hold" | "cutAtAnswer";
  release?: () => void;
  isOver: boolean;
}

/** After this time the server has executed everything that was sent before its first answer. */
const CUT_AFTER_ANSWER_MS = 150;

/** After this time the server's keep-alive has detected the lost connection (Redis: `tcp-keepalive`). */
const KEEP_ALIVE_MS = 30_000;

export class TcpProxy {
  readonly port: number;
  delayMs = 0;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #state: NetworkState = "open";
  #trap: Trap | undefined;

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

  /** Drop all connections without notifying either end, as a firewall does that has lost its table: no byte passes any more. */
  forget(): void {
    for (const link of this.#links) {
      link.near.pause().removeAllListeners("data");
      link.far.pause().removeAllListeners("data");
      setTimeout(() => link.far.destroy(), KEEP_ALIVE_MS).unref();
    }
    this.#links.clear();
  }

  /**
   * Hold back the next request that contains the mark, and everything after it on the same connection. It arrives when it is released, even if
   * its sender has ended by then.
   * @returns releases it
   */
  async hold(mark: string): Promise<() => void> {
    const trap = this.#setTrap(mark, "hold");
    return until("a request with the mark is held", () => trap.release);
  }

  /** Let the next request that contains the mark arrive, and cut its connection before the answer comes back. */
  async cutAtAnswer(mark: string): Promise<void> {
    const trap = this.#setTrap(mark, "cutAtAnswer");
    await until("a request with the mark is answered and cut off", () => trap.isOver);
  }

  async stop(): Promise<void> {
    this.set("cut");
    this.#server.close();
    await once(this.#server, "close");
  }

  #link(near: Socket, targetPort: number): void {
    const far = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    near.setNoDelay(true);
    const link: Link = { near, far, isCutAtAnswer: false };
    this.#links.add(link);
    let trap: Trap | undefined;
    this.#carry(near, far, async (chunk) => {
      if (this.#trap === undefined || !chunk.includes(this.#trap.mark)) return true;
      trap = this.#trap;
      this.#trap = undefined;
      if (trap.kind === "cutAtAnswer") link.isCutAtAnswer = true;
      else await this.#held(link, trap);
      return true;
    });
    this.#carry(far, near, async () => {
      if (!link.isCutAtAnswer) return true;
      await wait(CUT_AFTER_ANSWER_MS);
      near.resetAndDestroy();
      if (trap !== undefined) trap.isOver = true;
      return false;
    });
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.on("close", () => {
      this.#links.delete(link);
      if (link.held === undefined) far.destroy();
      else void link.held.then(() => far.end());
    });
    far.on("close", () => {
      this.#links.delete(link);
      near.destroy();
    });
    this.#apply(link);
  }

  #setTrap(mark: string, kind: Trap["kind"]): Trap {
    this.#trap = { mark, kind, isOver: false };
    return this.#trap;
  }

  async #held(link: Link, trap: Trap): Promise<void> {
    const released = new Promise<void>((resolve) => {
      trap.release = resolve;
    });
    // The data is written in the next turn of the event loop.
    link.held = released.then(async () => wait(0));
    await released;
    if (!link.near.destroyed) delete link.held;
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

  /** Bytes keep their order, whatever the delay. @param passes resolves to whether a chunk is sent on */
  #carry(from: Socket, to: Socket, passes: (chunk: Buffer) => Promise<boolean>): void {
    let carried = Promise.resolve();
    from.on("data", (chunk) => {
      const due = Date.now() + this.delayMs;
      carried = carried
        .then(async () => (due > Date.now() ? wait(due - Date.now()) : undefined))
        .then(async () => passes(chunk))
        .then((isPassed) => {
          if (isPassed) to.write(chunk);
        });
    });
    from.on("end", () => void carried.then(() => to.end()));
  }
}
