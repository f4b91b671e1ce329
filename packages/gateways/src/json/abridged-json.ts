import { exactNumber } from "./exact-json.ts";

/**
 * Fields that are always kept, by their names and those of the objects they are in. Without a nested set, a field's value is kept like any
 * other.
 */
export interface KeptFields {
  readonly [name: string]: KeptFields | KeptList | undefined;
}
/** A list whose elements are kept, each with these fields: at most `max`, or as many as {@link ELEMENTS_MAX} allows. */
type KeptList = readonly [each: KeptFields, max?: number];

/** Maximum elements of all kept lists of a text; further ones are skipped. */
const ELEMENTS_MAX = 50_005;

/** What is kept besides those fields: about two thousand characters of JSON, and the last value that begins within them. */
const CHARS_MAX = 2_048;
/** One more than the maximum length of a message id, so a text that was cut is not a valid id. */
const STRING_CHARS_MAX = 256;
const DEPTH_MAX = 16;
/** How many escaped names are read beyond the limit; later ones are skipped, even those of kept fields. */
const ESCAPED_NAMES_MAX = 1_000;

/**
 * Parse JSON of any size and keep a few kB of it: strings are cut, lists and objects lose their last elements, and what is nested too deep
 * becomes empty. The rest is skipped, at about 5 ms per MB, and only its brackets and strings are checked; JSON.parse needs up to 40 times
 * the text's size in memory. A whole number beyond 2^53 is returned as the string of its digits.
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseAbridged(text: string, kept: KeptFields | KeptList): unknown {
  return new AbridgingReader(text).whole(kept);
}

class AbridgingReader {
  readonly #text: string;
  #at = 0;
  #charsLeft = CHARS_MAX;
  #elementsLeft = ELEMENTS_MAX;
  #escapedNamesLeft = ESCAPED_NAMES_MAX;

  constructor(text: string) {
    this.#text = text;
  }

  whole(kept: KeptFields | KeptList): unknown {
    const value = this.#value(DEPTH_MAX, kept);
    this.#passSpace();
    if (this.#at < this.#text.length) throw this.#fault();
    return value;
  }

  #value(depth: number, kept?: KeptFields | KeptList): unknown {
    this.#passSpace();
    switch (this.#code()) {
      case OPENING_BRACE:
        return this.#object(depth, isKeptList(kept) ? undefined : kept);
      case OPENING_BRACKET:
        return isKeptList(kept) ? this.#keptList(depth, kept) : this.#list(depth);
      case QUOTE: {
        const begin = this.#at;
        const text = this.#string();
        const written = this.#at - begin;
        // The result as JSON is not longer than the input.
        this.#charsLeft -= written <= STRING_CHARS_MAX ? written : JSON.stringify(text).length;
        return text;
      }
      default:
        return this.#scalar();
    }
  }

  #list(depth: number): readonly unknown[] {
    const elements: unknown[] = [];
    this.#begin();
    while (!this.#isEnded(CLOSING_BRACKET, elements.length)) {
      if (depth === 0 || this.#charsLeft <= 0) {
        this.#passRest();
        break;
      }
      elements.push(this.#value(depth - 1));
    }
    return elements;
  }

  #keptList(depth: number, [each, max = Infinity]: KeptList): readonly unknown[] {
    const elements: unknown[] = [];
    this.#begin();
    while (!this.#isEnded(CLOSING_BRACKET, elements.length)) {
      if (depth === 0 || elements.length >= max || this.#elementsLeft === 0) {
        this.#passRest();
        break;
      }
      this.#elementsLeft -= 1;
      const charsLeft = this.#charsLeft;
      const element = this.#value(depth - 1, each);
      if (typeof element !== "object") this.#charsLeft = charsLeft;
      elements.push(element);
    }
    return elements;
  }

  #object(depth: number, kept?: KeptFields): object {
    // Of fields with one name the last counts, as with JSON.parse.
    const fields: Record<string, unknown> = {};
    this.#begin();
    for (let passed = 0; !this.#isEnded(CLOSING_BRACE, passed); passed++) {
      const hasRoom = depth > 0 && this.#charsLeft > 0;
      if (!hasRoom && kept === undefined) {
        this.#passRest();
        break;
      }
      this.#passSpace();
      if (this.#code() !== QUOTE) throw this.#fault();
      const name = this.#name(hasRoom);
      this.#passSpace();
      if (this.#code() !== COLON) throw this.#fault();
      this.#at += 1;
      if (kept !== undefined && Object.hasOwn(kept, name)) {
        const charsLeft = this.#charsLeft;
        const value = this.#value(depth - 1, kept[name]);
        put(fields, name, value);
        // A field that must be kept takes no room from the others, unless its value has an unexpected type.
        if (typeof value !== "object") this.#charsLeft = charsLeft;
      } else if (hasRoom) {
        this.#charsLeft -= name.length + 3;
        put(fields, name, this.#value(depth - 1));
      } else this.#pass();
    }
    return fields;
  }

  /** Past an opening bracket. */
  #begin(): void {
    this.#at += 1;
    this.#charsLeft -= 2;
  }

  /** Whether a list or object ends here; moves past the comma if not. @param passed elements so far */
  #isEnded(closing: number, passed: number): boolean {
    this.#passSpace();
    if (this.#code() === closing) {
      this.#at += 1;
      return true;
    }
    if (passed === 0) return false;
    if (this.#code() !== COMMA) throw this.#fault();
    this.#at += 1;
    return false;
  }

  /** @param isShown whether it may be kept, whatever its type */
  #name(isShown: boolean): string {
    if (isShown) return this.#string();
    // There may be hundreds of thousands of them.
    const begin = this.#at;
    this.#passString();
    const raw = this.#text.slice(begin + 1, this.#at - 1);
    if (!raw.includes("\\")) return raw;
    // Each needs a separate parse, and no gateway escapes its names.
    if (this.#escapedNamesLeft-- <= 0) return "";
    this.#at = begin;
    return this.#string();
  }

  #string(): string {
    const begin = this.#at;
    this.#passString();
    const end = this.#at - 1;
    if (end - begin - 1 <= STRING_CHARS_MAX) {
      const raw = this.#text.slice(begin + 1, end);
      return NOT_PLAIN.test(raw) ? String(JSON.parse(`"${raw}"`)) : raw;
    }
    let [chars, at] = [0, begin + 1];
    for (; chars < STRING_CHARS_MAX && at < end; chars++)
      at += this.#text.charCodeAt(at) !== BACKSLASH ? 1 : this.#text.charCodeAt(at + 1) === LETTER_U ? 6 : 2;
    const text = String(JSON.parse(`"${this.#text.slice(begin + 1, Math.min(at, end))}"`));
    return at < end ? withoutBrokenNumber(text) : text;
  }

  #scalar(): unknown {
    const begin = this.#at;
    this.#passScalar();
    const token = this.#text.slice(begin, this.#at);
    this.#charsLeft -= token.length + 1;
    // Not a meaningful number. As a text it matches none of our fields.
    if (token.length > STRING_CHARS_MAX) return token.slice(0, STRING_CHARS_MAX);
    const value: unknown = JSON.parse(token);
    if (typeof value !== "number") return value;
    return Number.isFinite(value) ? exactNumber(token) : token;
  }

  /** Past a value that is not kept. */
  #pass(): void {
    this.#passSpace();
    const code = this.#code();
    if (code === QUOTE) this.#passString();
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) {
      this.#at += 1;
      this.#passRest();
    } else this.#passScalar();
  }

  /** Skip to the end of the current list or object. */
  #passRest(): void {
    for (let open = 1; open > 0;) {
      switch (this.#code()) {
        case QUOTE:
          this.#passString();
          continue;
        case OPENING_BRACE:
        case OPENING_BRACKET:
          open += 1;
          break;
        case CLOSING_BRACE:
        case CLOSING_BRACKET:
          open -= 1;
          break;
        default:
          if (this.#at >= this.#text.length) throw this.#fault();
      }
      this.#at += 1;
    }
  }

  #passString(): void {
    const begin = this.#at;
    for (let from = begin + 1; ;) {
      const quote = this.#text.indexOf('"', from);
      if (quote === -1) throw this.#fault();
      let slashes = 0;
      while (this.#text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
      from = quote + 1;
      if (slashes % 2 === 1) continue;
      this.#at = from;
      return;
    }
  }

  #passScalar(): void {
    const begin = this.#at;
    while (this.#at < this.#text.length && !ENDS_A_SCALAR.has(this.#code())) this.#at += 1;
    if (this.#at === begin) throw this.#fault();
  }

  #passSpace(): void {
    for (let code = this.#code(); code <= SPACE; code = this.#code()) {
      if (code !== SPACE && code !== TAB && code !== LINE_FEED && code !== CARRIAGE_RETURN) return;
      this.#at += 1;
    }
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #fault(): SyntaxError {
    return new SyntaxError(`it is not JSON at character ${String(this.#at)}`);
  }
}

/** `__proto__` is a name like others. */
function put(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") fields[name] = value;
  else Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Characters that a JSON string may not contain unescaped. */
// eslint-disable-next-line no-control-regex
const NOT_PLAIN = /[\\\0-\x1f]/;

function isKeptList(kept: KeptFields | KeptList | undefined): kept is KeptList {
  return Array.isArray(kept);
}

/** A phone number cut in half would not be recognised and masked later. */
function withoutBrokenNumber(text: string): string {
  let end = text.length;
  while (end > 0 && IN_NUMBERS.has(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end) + "*".repeat(text.length - end);
}

const codesOf = (characters: string): ReadonlySet<number> => new Set(Buffer.from(characters));
const codeOf = (character: string): number => character.charCodeAt(0);

const [QUOTE, BACKSLASH, COLON, COMMA, LETTER_U] = [codeOf('"'), codeOf("\\"), codeOf(":"), codeOf(","), codeOf("u")];
const [OPENING_BRACE, CLOSING_BRACE] = [codeOf("{"), codeOf("}")];
const [OPENING_BRACKET, CLOSING_BRACKET] = [codeOf("["), codeOf("]")];
const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [codeOf(" "), codeOf("\t"), codeOf("\n"), codeOf("\r")];
const ENDS_A_SCALAR = codesOf(' \t\r\n,:[]{}"');
const IN_NUMBERS = codesOf("0123456789+-.() \t\r\n");
