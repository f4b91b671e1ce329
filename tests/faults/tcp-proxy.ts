import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../support/until.ts";

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
  /** What is held of it, if anything, is on its way once this resolves. */
  held?: Promise<void>;
  isCutAtAnswer: boolean;
}

/** Waits for something to be sent that contains the mark. */
interface Trap {
  readonly mark: string;
  readonly kind: "hold" | "cutAtAnswer";
  release?: () => void;
  isOver: boolean;
}

/** By then the server has done all that it was sent before its first answer. */
const CUT_AFTER_ANSWER_MS = 150;

/** By then the server's keep-alive has found out that nobody is there any more (Redis: `tcp-keepalive`). */
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

  /** Forget all connections without telling either end, as a firewall does whose table was lost: no byte ever passes again. */
  forget(): void {
    for (const link of this.#links) {
      link.near.pause().removeAllListeners("data");
      link.far.pause().removeAllListeners("data");
      setTimeout(() => link.far.destroy(), KEEP_ALIVE_MS).unref();
    }
    this.#links.clear();
  }

  /**
   * Hold back the next thing we send that contains the mark, and what follows on its connection. It arrives when it is released, also
   * if its sender is gone by then.
   * @returns releases it
   */
  async hold(mark: string): Promise<() => void> {
    const trap = this.#setTrap(mark, "hold");
    return until("it is sent and held", () => trap.release);
  }

  /** Let the next thing we send that contains the mark arrive, and cut its connection before any answer comes back. */
  async cutAtAnswer(mark: string): Promise<void> {
    const trap = this.#setTrap(mark, "cutAtAnswer");
    await until("it is sent, answered and cut", () => trap.isOver);
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
    // It is written in the turn after this one.
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

  /** Bytes keep their order, however late they are. @param passes whether a chunk arrives at all, once that is known */
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
