import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changeOf, freshNumber, META_ENV, metaBody, PERSON, postAsMeta, status } from "./support/meta.ts";
import { startSystem } from "./system.ts";

describe("Meta with pseudonyms", () => {
  it("store no phone number in Redis, not even in message ids, and messages are still found by their ids", async () => {
    const key = "a key that only these tests use, of more than 32 characters";
    const own = await startSystem({ env: { ...META_ENV, PSEUDONYMISE_CHATS: "true", TICKTALLY_PSEUDONYM_KEY: key } });
    try {
      const { number, instance } = freshNumber();
      // Meta's message ids are base64 of a text with the phone number.
      const holding = Buffer.from(`\x1c\x18\x0b${PERSON}\x15\x02\x00\x11\x18\x12`, "latin1").toString("base64");
      const member = { recipient_type: "group", recipient_id: "GROUP-1", recipient_participant_id: PERSON };
      const statuses = [status(holding, "read"), status(holding, "evaporated"), status("G", "read", member)];
      await postAsMeta(own, metaBody(changeOf(number, { statuses })));
      expect(await own.counted(instance)).toMatchObject({ messagesSent: 2, uniqueContacts: 1, uniqueGroups: 1 });
      const message = await own.message(instance, `wamid.${holding}`);
      expect(message?.idMessage).toMatch(/^wamid\.\d{20}$/);
      expect(message?.chatId).toMatch(/^\d{20}@c\.us$/);
      expect(await own.message(instance, message?.idMessage ?? "")).toEqual(message);
      const folder = join(own.dir, "redis", "appendonlydir");
      const files = await Promise.all(
        (await readdir(folder)).map(async (name) => readFile(join(folder, name), "latin1")),
      );
      expect(files.join("")).toContain("evaporated");
      for (const text of [PERSON, holding]) expect(files.join("").includes(text)).toBe(false);
    } finally {
      await own.stop();
    }
  });
});
