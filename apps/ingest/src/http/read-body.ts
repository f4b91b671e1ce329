import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "overloaded" }
  | { readonly kind: "broken" };

/** Twice the body of the usual webhook with a picture. */
const SMALL_BYTES_MAX = 128 * 1024;
/** What a piece of a body costs besides its bytes: a sender may send it a byte at a time. */
const CHUNK_BYTES = 256;

interface ReadOptions {
  readonly bytesMax: number;
  /** Where all bodies that are being read have to find room. */
  readonly room: BodyRoom;
}

/** Read a request's body once, up to a limit. Calls back rather than promises: this runs for every webhook. */
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
 * How much of bodies may be in memory at once. Large ones may take half of it, so that the usual webhook still finds room
 * however many large ones are being sent, and however slowly.
 */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @param bodyBytes of the body so far @returns `false`: there is no room, and nothing is held */
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
 * After an early answer, take in and forget what the sender is still sending, so that it gets to read the answer; but
 * not more than this.
 */
export function discardBody(req: IncomingMessage, bytesMax: number): void {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) req.destroy();
  });
  req.resume();
}
