import type { ChatEraser, InstanceId } from "@ticktally/core";
import { normaliseChatId, type Pseudonyms } from "@ticktally/gateways";
import type { Logger } from "@ticktally/telemetry";
import { ApiError } from "../http/api-error.ts";

export interface ChatDeletionDeps {
  readonly eraser: ChatEraser;
  readonly quarantine: {
    mentioning(instance: InstanceId, texts: readonly string[]): Promise<readonly string[]>;
    remove(ids: readonly string[]): Promise<number>;
  };
  readonly pseudonyms: Pseudonyms | undefined;
  readonly logger: Logger;
}

interface DeletedChat {
  readonly messages: number;
  readonly recipients: number;
  readonly quarantined: number;
}

const DISCARDED_AT_ONCE = 500;
/** Shorter numbers would match in every text. */
const DIGITS_MIN = 5;

/** Forgets one chat of an instance, in every form it may be stored in. */
export class ChatDeletion {
  readonly #deps: ChatDeletionDeps;

  constructor(deps: ChatDeletionDeps) {
    this.#deps = deps;
  }

  /** May be repeated, also after an error. @param given a chat id, a bare number, or a pseudonym @throws {ApiError} bad_request */
  async delete(instance: InstanceId, given: string): Promise<DeletedChat> {
    const { eraser, quarantine, logger } = this.#deps;
    const chats = this.#formsOf(given);
    const sum = { messages: 0, recipients: 0 };
    for (const chatId of chats) {
      const found = await eraser.forgetChat(instance, chatId);
      sum.messages += found.messages;
      sum.recipients += found.recipients;
    }
    const users = chats.map((chatId) => chatId.replace(/@[^@]*$/, "")).filter((user) => user.length >= DIGITS_MIN);
    const ids = await quarantine.mentioning(instance, [...new Set(users)]);
    for (let from = 0; from < ids.length; from += DISCARDED_AT_ONCE)
      await quarantine.remove(ids.slice(from, from + DISCARDED_AT_ONCE));
    const deleted = { ...sum, quarantined: ids.length };
    logger.info({ instance, ...deleted }, "chat deleted");
    return deleted;
  }

  /** A number without a server is a person. Data from before pseudonyms were enabled still have the original ids. */
  #formsOf(given: string): readonly string[] {
    const chatId = normaliseChatId(given);
    if (chatId === undefined)
      throw new ApiError("bad_request", "`chatId` must be a chat's id, such as 79001234567@c.us.");
    const number = chatId.replace(/[\s()+-]/g, "");
    const plain = chatId.includes("@") ? [chatId] : [chatId, `${number}@c.us`];
    const { pseudonyms } = this.#deps;
    return [...new Set(pseudonyms === undefined ? plain : plain.flatMap((form) => [form, pseudonyms.chat(form)]))];
  }
}
