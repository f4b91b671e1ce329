import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "overloaded" }
  | { readonly kind: "broken" };

/** Twice the body of a typical webhook with a picture. */
const SMALL_BYTES_MAX = 128 * 1024;
/** The cost of a chunk besides its bytes, because a sender may send one byte at a time. */
const CHUNK_BYTES = 256;

interface ReadOptions {
  readonly bytesMax: number;
  /** The memory budget of all bodies that are being read. */
  readonly room: BodyRoom;
}

/** Read a request's body once, up to a limit. With callbacks instead of promises, because this runs for every webhook. */
export function readBody(req: IncomingMessage, { bytesMax, room }: ReadOptions, done: (body: Body) => void): void {
  if (Number(req.headers["content-length"] ?? 0) > bytesMax) {
    done({ kind: "tooLarge" });
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  let held = 0;
  let isDone = false;
  const finish = (body: Body) => {
    if (isDone) return;
    isDone = true;
    room.free(held);
    chunks.length = 0;
    done(body);
  };
  req.on("data", (chunk: Buffer) => {
    if (isDone) return;
    bytes += chunk.length;
    const needed = chunk.length + CHUNK_BYTES;
    if (bytes > bytesMax) finish({ kind: "tooLarge" });
    else if (room.hold(needed, bytes)) {
      held += needed;
      chunks.push(chunk);
    } else finish({ kind: "overloaded" });
  });
  req.on("end", () => {
    if (isDone) return;
    const [first] = chunks;
    const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    finish({ kind: "read", bytes: whole });
  });
  req.on("error", () => {
    finish({ kind: "broken" });
  });
}

/**
 * How many bytes of bodies may be in memory at once. Large ones may use half of it, so typical webhooks find room however many large ones
 * are being sent, and however slowly.
 */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @param bodyBytes of the body so far @returns `false` if there is no room, in which case nothing is held */
  hold(bytes: number, bodyBytes: number): boolean {
    const bytesMax = bodyBytes > SMALL_BYTES_MAX ? this.#bytesMax / 2 : this.#bytesMax;
    if (this.#bytes + bytes > bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  free(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * After an early answer, read and discard the rest of the request so that the sender reads the answer, but not more than this.
 */
export function discardBody(req: IncomingMessage, bytesMax: number): void {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) req.destroy();
  });
  req.resume();
}
