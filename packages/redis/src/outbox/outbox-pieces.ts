import { FAILURE_REASONS, statusCode, statusOfCode, type Transition } from "@ticktally/core";
import { outboxPiece, type OutboxTransition } from "@ticktally/schemas";
import type { OutboxTerms } from "./wanted-instances.ts";

/** Small enough for a node of a stream, so that trimming to a number of entries is trimming to a number of bytes. */
const PIECE_BYTES_MAX = 4_000;

/**
 * What a commit adds to an instance's outbox: transitions in pieces, each a JSON list. A commit that changed no status adds an empty one,
 * because something was counted. An id has at most 255 characters, so no piece is larger than 6 kB.
 */
export class OutboxPieces {
  readonly terms: OutboxTerms;
  readonly #pieces: string[] = [];
  #piece = "";

  constructor(terms: OutboxTerms) {
    this.terms = terms;
  }

  add({ idMessage, direction, before, after, at, reason }: Transition): void {
    const transition: OutboxTransition = [
      idMessage,
      direction === "outgoing" ? 1 : 0,
      before === null ? -1 : statusCode(before),
      after === null ? -1 : statusCode(after),
      at,
      reason === undefined ? -1 : FAILURE_REASONS.indexOf(reason),
    ];
    const text = JSON.stringify(transition);
    if (this.#piece.length > 0 && Buffer.byteLength(this.#piece) + Buffer.byteLength(text) > PIECE_BYTES_MAX) {
      this.#pieces.push(`[${this.#piece}]`);
      this.#piece = "";
    }
    this.#piece += this.#piece === "" ? text : `,${text}`;
  }

  all(): readonly string[] {
    return this.#piece === "" && this.#pieces.length > 0 ? this.#pieces : [...this.#pieces, `[${this.#piece}]`];
  }
}

/** @throws if it is not made by {@link OutboxPieces} */
export function transitionsOf(piece: string): readonly Transition[] {
  return outboxPiece.parse(JSON.parse(piece)).map(([idMessage, direction, before, after, at, reason]) => ({
    idMessage,
    direction: direction === 1 ? "outgoing" : "incoming",
    before: before === -1 ? null : statusOfCode(before),
    after: after === -1 ? null : statusOfCode(after),
    at,
    ...(reason === -1 ? {} : { reason: FAILURE_REASONS[reason] ?? "other" }),
  }));
}
