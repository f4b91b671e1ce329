import type { InstanceImport } from "../backup/instance-import.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { kindKey, unpackChatId } from "../records/chat-codec.ts";
import { oldChatKind } from "./old-chat-kind.ts";

const ARGUMENTS_MAX = 500;

/** The unique chats of an instance by kind. Layout 1 had a key for each first byte of packed ids instead. */
export class ChatConversion {
  readonly #chats = new Map<string, Map<string, number>>();
  readonly #sketches = new Map<string, Buffer[]>();

  /** @param name the end of the key: a first byte, and "~" for a HyperLogLog @param chats and values: its contents */
  take(name: string, chats: readonly (readonly [chat: Buffer, messages: Buffer])[], values: readonly Buffer[]): void {
    if (name.endsWith("~")) {
      const kind = kindKey(oldChatKind(unpackChatId(Buffer.from(name.slice(0, 1), "latin1"))));
      this.#sketches.set(kind, [...(this.#sketches.get(kind) ?? []), ...values]);
      return;
    }
    for (const [chat, messages] of chats) {
      const kind = kindKey(oldChatKind(unpackChatId(chat)));
      const known = this.#chats.get(kind) ?? new Map<string, number>();
      this.#chats.set(kind, known);
      known.set(chat.toString("latin1"), Number(String(messages)));
    }
  }

  /** @returns the kinds for which only an estimate is kept */
  async write(target: Pick<InstanceImport, "command" | "merge">): Promise<string> {
    for (const [kind, chats] of this.#chats) {
      const members = [...chats];
      const isApproximate = this.#sketches.has(kind);
      for (let from = 0; from < members.length; from += ARGUMENTS_MAX) {
        const some = members.slice(from, from + ARGUMENTS_MAX);
        if (isApproximate)
          await target.command(
            "PFADD",
            `${INSTANCE_KEYS.CHATS + kind}~`,
            some.map(([chat]) => Buffer.from(chat, "latin1")),
          );
        else
          await target.command(
            "HSET",
            INSTANCE_KEYS.CHATS + kind,
            some.flatMap(([chat, messages]) => [Buffer.from(chat, "latin1"), messages]),
          );
      }
    }
    for (const [kind, sketches] of this.#sketches)
      for (const sketch of sketches) await target.merge(`${INSTANCE_KEYS.CHATS + kind}~`, sketch);
    return [...this.#sketches.keys()].join("");
  }
}
