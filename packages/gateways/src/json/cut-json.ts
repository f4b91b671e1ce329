const STRING_CHARS_MAX = 256;
const DEPTH_MAX = 8;

interface CutOptions {
  /** Maximum length of each text. */
  readonly text?: (text: string) => string;
}

/** As much of a value as fits as JSON: long texts are cut, and what does not fit or is nested too deep is left out. */
export function cutValue(value: unknown, bytesMax: number, { text = beginning }: CutOptions = {}): unknown {
  return cut(value, { budget: new Budget(bytesMax - 2), text }, 0) ?? null;
}

/**
 * The text unchanged if it fits into the limit, otherwise as much of it as fits, still as valid JSON. A text that is not JSON becomes a
 * JSON string of its beginning.
 */
export function cutJson(text: string, bytesMax: number): string {
  if (text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax) return text;
  return JSON.stringify(cutValue(parsed(text), bytesMax));
}

/** A longer text would need too much memory to parse. */
const PARSED_CHARS_MAX = 65_536;

function parsed(text: string): unknown {
  if (text.length > PARSED_CHARS_MAX) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function beginning(text: string): string {
  return text.slice(0, STRING_CHARS_MAX);
}

class Budget {
  #bytesLeft: number;

  constructor(bytes: number) {
    this.#bytesLeft = bytes;
  }

  /** @returns whether a piece fits, with a comma or colon after it */
  takes(piece: unknown): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(piece)) + 1;
    if (bytes > this.#bytesLeft) return false;
    this.#bytesLeft -= bytes;
    return true;
  }
}

interface Cut extends Required<CutOptions> {
  readonly budget: Budget;
}

/** @returns `undefined` for what does not fit */
function cut(value: unknown, cutting: Cut, depth: number): unknown {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) {
    const short = typeof value === "string" ? cutting.text(value) : value;
    return cutting.budget.takes(short) ? short : undefined;
  }
  if (depth === DEPTH_MAX || !cutting.budget.takes([])) return undefined;
  return Array.isArray(value) ? cutElements(value, cutting, depth) : cutFields(value, cutting, depth);
}

function cutElements(elements: readonly unknown[], cutting: Cut, depth: number): readonly unknown[] {
  const kept: unknown[] = [];
  for (const element of elements) {
    const piece = cut(element, cutting, depth + 1);
    if (piece === undefined) break;
    kept.push(piece);
  }
  return kept;
}

function cutFields(fields: object, cutting: Cut, depth: number): object {
  const kept: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (!cutting.budget.takes(name)) break;
    const piece = cut(value, cutting, depth + 1);
    if (piece !== undefined) kept.push([name, piece]);
  }
  return Object.fromEntries(kept);
}
