import { parseWebhookText } from "./green-api-webhook.ts";

const STRING_CHARS_MAX = 256;
const DEPTH_MAX = 8;

/** What a webhook is counted by is kept first, so that one that is cut can still be counted. */
const KEPT_FIRST = [
  ...["typeWebhook", "instanceData", "idInstance", "idMessage", "timestamp", "status", "chatId", "sendByApi"],
  ...["stateInstance", "typeMessage", "senderData", "messageData", "description", "fromJournal"],
];

/**
 * A text as it is, or if it is longer than so many bytes, as much of it as there is room for: still JSON, with long texts cut and what does
 * not fit left out. A text that is no JSON becomes a JSON text of its beginning.
 */
export function cutJson(text: string, bytesMax: number): string {
  if (text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax) return text;
  const budget = new Budget(bytesMax - 2);
  return JSON.stringify(cut(parsed(text), budget, 0) ?? null);
}

function parsed(text: string): unknown {
  try {
    return parseWebhookText(text);
  } catch {
    return text;
  }
}

class Budget {
  #bytesLeft: number;

  constructor(bytes: number) {
    this.#bytesLeft = bytes;
  }

  /** @returns whether there is room for a piece, with a comma or colon behind it */
  takes(piece: unknown): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(piece)) + 1;
    if (bytes > this.#bytesLeft) return false;
    this.#bytesLeft -= bytes;
    return true;
  }
}

/** @returns `undefined` for what there is no room for */
function cut(value: unknown, budget: Budget, depth: number): unknown {
  // What the parser leaves out of a webhook whose ids it cannot read.
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    const short = typeof value === "string" ? value.slice(0, STRING_CHARS_MAX) : value;
    return budget.takes(short) ? short : undefined;
  }
  if (depth === DEPTH_MAX || !budget.takes([])) return undefined;
  return Array.isArray(value) ? cutElements(value, budget, depth) : cutFields(value, budget, depth);
}

function cutElements(elements: readonly unknown[], budget: Budget, depth: number): readonly unknown[] {
  const kept: unknown[] = [];
  for (const element of elements) {
    const piece = cut(element, budget, depth + 1);
    if (piece === undefined) break;
    kept.push(piece);
  }
  return kept;
}

function cutFields(fields: object, budget: Budget, depth: number): object {
  const kept: [string, unknown][] = [];
  const all = new Map(Object.entries(fields));
  const known = KEPT_FIRST.filter((name) => all.has(name));
  for (const name of new Set([...known, ...all.keys()])) {
    if (!budget.takes(name)) break;
    const piece = cut(all.get(name), budget, depth + 1);
    if (piece !== undefined) kept.push([name, piece]);
  }
  return Object.fromEntries(kept);
}
