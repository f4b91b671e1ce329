import { cutString, STRING_CHARS_MAX } from "./cut-string.ts";
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
const DEPTH_MAX = 16;
/**
 * How many characters of strings are read as JSON. These are read three times, and 1 MiB of them takes at most 15 ms. The longest text of a
 * message, escaped twice (65,536 × `\\u0434`), has 0.5 MB.
 */
const TEXT_CHARS_MAX = 1024 * 1024;
/** How many escaped names are read beyond the limit; later ones are skipped, even those of kept fields. */
const ESCAPED_NAMES_MAX = 1_000;

/**
 * Parse JSON of any size and keep a few kB of it: strings are cut, lists and objects lose their last elements, and what is nested too deep
 * becomes empty. The rest is skipped, at about 5 ms per MB, and only its brackets and strings are checked; JSON.parse needs up to 40 times
 * the text's size in memory. A whole number beyond 2^53 is returned as the string of its digits.
 * @param inText where one of these sets of fields is kept, a long string that contains an object is replaced by that object, abridged too;
 *   strings in it are strings
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseAbridged(text: string, kept: KeptFields | KeptList, inText?: ReadonlySet<KeptFields>): unknown {
  return new AbridgingReader(text, new Left(), inText).whole(kept);
}

/** What may still be kept or read. */
class Left {
  chars = CHARS_MAX;
  textChars = TEXT_CHARS_MAX;
  elements = ELEMENTS_MAX;
  escapedNames = ESCAPED_NAMES_MAX;
}

class AbridgingReader {
  readonly #text: string;
  readonly #left: Left;
  readonly #inText: ReadonlySet<KeptFields>;
  #at = 0;

  constructor(text: string, left: Left, inText: ReadonlySet<KeptFields> = new Set()) {
    this.#text = text;
    this.#left = left;
    this.#inText = inText;
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
        const object = written > STRING_CHARS_MAX ? this.#inString(text, begin, kept) : undefined;
        if (object !== undefined) return object;
        // The result as JSON is not longer than the input.
        this.#left.chars -= written <= STRING_CHARS_MAX ? written : JSON.stringify(text).length;
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
      if (depth === 0 || this.#left.chars <= 0) {
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
      if (depth === 0 || elements.length >= max || this.#left.elements === 0) {
        this.#passRest();
        break;
      }
      this.#left.elements -= 1;
      const charsLeft = this.#left.chars;
      const element = this.#value(depth - 1, each);
      if (typeof element !== "object") this.#left.chars = charsLeft;
      elements.push(element);
    }
    return elements;
  }

  #object(depth: number, kept?: KeptFields): object {
    // Of fields with one name the last counts, as with JSON.parse.
    const fields: Record<string, unknown> = {};
    this.#begin();
    for (let passed = 0; !this.#isEnded(CLOSING_BRACE, passed); passed++) {
      const hasRoom = depth > 0 && this.#left.chars > 0;
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
        const charsLeft = this.#left.chars;
        const value = this.#value(depth - 1, kept[name]);
        put(fields, name, value);
        // A field that must be kept takes no room from the others, unless its value has an unexpected type.
        if (typeof value !== "object") this.#left.chars = charsLeft;
      } else if (hasRoom) {
        this.#left.chars -= name.length + 3;
        put(fields, name, this.#value(depth - 1));
      } else this.#pass();
    }
    return fields;
  }

  /** Past an opening bracket. */
  #begin(): void {
    this.#at += 1;
    this.#left.chars -= 2;
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
    if (this.#left.escapedNames-- <= 0) return "";
    this.#at = begin;
    return this.#string();
  }

  #string(): string {
    const begin = this.#at;
    this.#passString();
    return cutString(this.#text, begin + 1, this.#at - 1);
  }

  /** The object in the string that was just read. @returns `undefined` if it is only a string here, too long or not JSON */
  #inString(beginning: string, begin: number, kept: KeptFields | KeptList | undefined): unknown {
    if (kept === undefined || isKeptList(kept) || !this.#inText.has(kept) || !OBJECT_TEXT.test(beginning))
      return undefined;
    if (this.#at - begin > this.#left.textChars) return undefined;
    this.#left.textChars -= this.#at - begin;
    try {
      return new AbridgingReader(String(JSON.parse(this.#text.slice(begin, this.#at))), this.#left).whole(kept);
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  #scalar(): unknown {
    const begin = this.#at;
    this.#passScalar();
    const token = this.#text.slice(begin, this.#at);
    this.#left.chars -= token.length + 1;
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

const OBJECT_TEXT = /^\s{0,8}\{/;

function isKeptList(kept: KeptFields | KeptList | undefined): kept is KeptList {
  return Array.isArray(kept);
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPENING_BRACE, CLOSING_BRACE, OPENING_BRACKET, CLOSING_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const ENDS_A_SCALAR: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n,:[]{}"'));
