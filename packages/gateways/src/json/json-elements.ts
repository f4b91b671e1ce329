/** The text is JSON so far, but not the expected list. */
export class NoListError extends Error {}

interface ElementsOptions {
  /** A field of an object that may contain the list, if it is the only field. */
  readonly field?: string;
  /** Longer elements are not returned. */
  readonly elementBytesMax: number;
  /** Reading stops after this many. */
  readonly elementsMax: number;
}

/** What may surround a list: white space, and the field it is in. */
const AROUND_CHARS_MAX = 256;

/**
 * Splits a JSON list that arrives in chunks into its elements, so neither the whole text nor the whole list is ever in memory, and the
 * caller may pause between elements. The caller parses the elements.
 */
export class JsonElements {
  readonly #options: ElementsOptions;
  #place: "before" | "inside" | "after" = "before";
  #around = "";
  #isInField = false;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #count = 0;

  constructor(options: ElementsOptions) {
    this.#options = options;
  }

  /** Elements completed so far, including those not returned; one more than the maximum if there are more. */
  get count(): number {
    return this.#count;
  }

  /** Whether there are more elements than allowed. */
  get isFull(): boolean {
    return this.#count > this.#options.elementsMax;
  }

  /**
   * @returns the elements that end in this chunk; `undefined` for one that is too long
   * @throws {NoListError}
   * @throws {SyntaxError} if invalid JSON follows the list
   */
  *take(piece: Uint8Array): Generator<string | undefined, void> {
    let begin = 0;
    for (let at = 0; at < piece.length && !this.isFull; at++) {
      const byte = piece[at] ?? 0;
      if (this.#place !== "inside") {
        this.#takeAround(byte);
        begin = at + 1;
        continue;
      }
      if (!this.#isEnd(byte)) continue;
      this.#keep(piece.subarray(begin, at));
      begin = at + 1;
      yield* this.#ended();
    }
    if (this.#place === "inside" && !this.isFull) this.#keep(piece.subarray(begin));
  }

  /** The text ends. @throws {NoListError} @throws {SyntaxError} if the list is incomplete */
  end(): void {
    if (this.#place === "before") throw new NoListError("it is not a list");
    const rest = this.#isInField ? /^\s*\}\s*$/ : /^\s*$/;
    if (this.#place === "inside" || !rest.test(this.#around)) throw new SyntaxError("the list is incomplete");
  }

  #takeAround(byte: number): void {
    this.#around += String.fromCharCode(byte);
    if (this.#around.length > AROUND_CHARS_MAX) {
      if (this.#place === "before") throw new NoListError("it is not a list");
      throw new SyntaxError("something follows the list");
    }
    if (this.#place === "after" || byte !== OPENING_BRACKET) return;
    this.#isInField = this.#options.field !== undefined && opensField(this.#around, this.#options.field);
    if (!this.#isInField && !BEFORE_LIST.test(this.#around)) throw new NoListError("it is not a list");
    [this.#place, this.#around, this.#depth] = ["inside", "", 1];
  }

  /** Whether an element ends with this byte. */
  #isEnd(byte: number): boolean {
    if (this.#isInText) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInText = false;
      return false;
    }
    switch (byte) {
      case QUOTE:
        this.#isInText = true;
        return false;
      case OPENING_BRACKET:
      case OPENING_BRACE:
        this.#depth += 1;
        return false;
      case CLOSING_BRACKET:
      case CLOSING_BRACE:
        this.#depth -= 1;
        if (this.#depth === 0) this.#place = "after";
        return this.#depth === 0;
      case COMMA:
        return this.#depth === 1;
      default:
        return false;
    }
  }

  *#ended(): Generator<string | undefined, void> {
    const text = this.#bytes > this.#options.elementBytesMax ? undefined : Buffer.concat(this.#parts).toString();
    [this.#parts, this.#bytes] = [[], 0];
    const isEmptyList = this.#place === "after" && this.#count === 0 && text?.trim() === "";
    if (isEmptyList) return;
    this.#count += 1;
    if (!this.isFull) yield text;
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#options.elementBytesMax) this.#parts.push(part);
    else this.#parts = [];
  }
}

/** A byte order mark may come first. */
const BEFORE_LIST = /^(?:\u00ef\u00bb\u00bf)?\s*\[$/;

function opensField(text: string, field: string): boolean {
  return new RegExp(`^\\s*\\{\\s*"${field}"\\s*:\\s*\\[$`).test(text);
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
