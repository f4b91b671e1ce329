import { describe, expect, it } from "vitest";
import { Pseudonyms } from "../pseudonyms.ts";
import { keptId } from "./message-id.ts";
import { meta } from "./meta.ts";
import { statusBody } from "./testing/bodies.ts";

const pseudonyms = new Pseudonyms("a key of thirty-two characters, or more");
/** A message id of Meta: base64 of a text with 15550001111. */
const ID = `wamid.${Buffer.from("\x1c\x18\x0b15550001111\x15\x02\x00\x11\x18\x125F425A74F13033492A\x00", "latin1").toString("base64")}`;

describe("the id of a message with pseudonyms", () => {
  it("is a hash that reveals no number, and hashing it again changes nothing", () => {
    const kept = keptId(ID, pseudonyms);
    expect(kept).toMatch(/^wamid\.\d{20}$/);
    expect(keptId(kept, pseudonyms)).toBe(kept);
    expect(keptId(`${ID}=`, pseudonyms)).not.toBe(kept);
  });

  it("is the id in the queue", () => {
    const body = statusBody({ id: ID, status: "sent", recipient_id: "15550001111" });
    const [line = ""] = meta.split(body).map((part) => meta.withoutContent(part, pseudonyms));
    expect(line).toContain(keptId(ID, pseudonyms));
    expect(line).not.toContain(ID);
    expect(line).not.toContain("15550001111");
  });
});
