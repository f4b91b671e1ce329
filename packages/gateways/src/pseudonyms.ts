import { createHmac } from "node:crypto";
import { normaliseChatId } from "./chat-id.ts";
import { isRecord } from "./json/is-record.ts";

/** Longer texts are not chat ids. */
const CHAT_ID_CHARS_MAX = 128;
/** How much of an uncounted text is read; the queue keeps less. */
const TEXT_CHARS_MAX = 4_096;

/**
 * Keyed hashes in place of phone numbers and chat ids: the same for the same chat everywhere, so all counts stay correct, and nobody
 * without the key can find out or guess the number. A pseudonym is 20 digits before the server of its chat (a phone number has at most 15):
 * 64 bits of HMAC-SHA-256 over the normalised id. An existing pseudonym stays as it is.
 */
export class Pseudonyms {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** @param raw a chat id as a gateway writes it @returns normalised; `status@broadcast`, which is not a person, stays */
  chat(raw: string): string {
    if (raw.length > CHAT_ID_CHARS_MAX) return raw.replace(/\d/g, "*");
    const chatId = normaliseChatId(raw);
    if (chatId === undefined || chatId === "status@broadcast") return chatId ?? "";
    const at = chatId.lastIndexOf("@");
    const [user, server] = at === -1 ? [chatId, ""] : [chatId.slice(0, at), chatId.slice(at + 1)];
    if (user === "" || PSEUDONYM.test(user)) return chatId;
    const pseudonym = this.text(chatId);
    const kept = at === -1 ? "" : `@${SERVER.test(server) ? server : "other"}`;
    // For bare numbers a minus sign means a group.
    const sign = at === -1 && user.startsWith("-") ? "-" : "";
    return sign + pseudonym + kept;
  }

  /** 20 digits for a text that contains a chat id, such as a message id. */
  text(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest().readBigUInt64BE(0).toString().padStart(20, "0");
  }

  /** The same shape, without anything that may be a phone number. @param plain fields whose numbers are not phone numbers */
  masked(value: unknown, plain: ReadonlySet<string> = NONE): unknown {
    try {
      return this.#masked(value, plain);
    } catch (error) {
      // Nested deeper than the stack allows.
      if (error instanceof RangeError) return { masked: "it is nested too deeply to be searched for phone numbers" };
      throw error;
    }
  }

  maskedText(text: string): string {
    return withoutRest(text).replace(CHAT_OR_NUMBER, (_, before: string | undefined, chatId: string | undefined) => {
      if (chatId === undefined) return "***";
      return before === "+" ? this.chat(`+${chatId}`) : `${before ?? ""}${this.chat(chatId)}`;
    });
  }

  #masked(value: unknown, plain: ReadonlySet<string>): unknown {
    if (typeof value === "string") return this.maskedText(value);
    if (typeof value === "number") return Math.abs(value) < 1_000_000 ? value : 0;
    if (Array.isArray(value)) return value.map((element) => this.#masked(element, plain));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, held]) => [
        this.maskedText(key),
        plain.has(key) && isPlainNumber(held) ? held : this.#masked(held, plain),
      ]),
    );
  }
}

/** The functions that adapters need. */
export type PseudonymSource = Pick<Pseudonyms, "chat" | "text" | "masked" | "maskedText">;

const NONE: ReadonlySet<string> = new Set();

/** A number, or the digits of one. */
export function isPlainNumber(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && /^\d{1,20}$/.test(value));
}

const PSEUDONYM = /^-?[01]\d{19}$/;
const SERVER = /^[a-z][a-z.]{0,30}$/;
/**
 * A chat id, or seven and more digits with any separators. A run of digits and dashes is matched only from its beginning: matching from
 * each digit, 100 kB of `1---1---` would take seconds. So dashes before a chat id are part of the match.
 */
const CHAT_OR_NUMBER =
  /((?<![\d-])-*|\+)(\d[\d-]{4,}(?::\d+)?@[A-Z.]+)|\+?\d(?:[\s().-]{0,2}\d){6,}(?:-{3,}\d[\d-]*)?/gi;

/** The beginning of a long text, without a possible half of a phone number at its end. */
function withoutRest(text: string): string {
  if (text.length <= TEXT_CHARS_MAX) return text;
  let end = TEXT_CHARS_MAX;
  while (end > 0 && PART_OF_NUMBER.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end);
}

const PART_OF_NUMBER = /[\d\s().:@+-]/;

/** @returns `undefined` if chats are kept as they are */
export function pseudonymsOf(env: {
  readonly PSEUDONYMISE_CHATS: boolean;
  readonly TICKTALLY_PSEUDONYM_KEY?: string | undefined;
}): Pseudonyms | undefined {
  const { PSEUDONYMISE_CHATS: isOn, TICKTALLY_PSEUDONYM_KEY: key } = env;
  return isOn && key !== undefined ? new Pseudonyms(key) : undefined;
}
