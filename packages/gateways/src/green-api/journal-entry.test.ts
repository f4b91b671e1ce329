import { describe, expect, it } from "vitest";
import { siftJournal as sift, siftRecipients } from "../journal.ts";
import { NoListError } from "../json/json-elements.ts";
import type { Pseudonyms } from "../pseudonyms.ts";
import { greenApi } from "./green-api.ts";
import { upstream } from "./upstream.ts";

const ENTRY = { type: "outgoing", idMessage: "A", timestamp: 1_700_000_000, chatId: "7@c.us", statusMessage: "read" };
const pause = () => undefined;

/** The entries that are read from a journal. */
async function siftJournal(
  pieces: AsyncIterable<Uint8Array>,
  options: Omit<Parameters<typeof sift>[2], "pseudonyms">,
  pseudonyms?: Pseudonyms,
) {
  const sifted = await sift(upstream, pieces, { ...options, pseudonyms });
  return { ...sifted, read: sifted.read.map(({ kept }) => kept) };
}

async function* inPieces(text: string, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
  await Promise.resolve();
}

describe("siftJournal", () => {
  it("reads entries, and skips everything else", async () => {
    const odd = [{}, 7, "text", null, [], { ...ENTRY, type: "other" }, { ...ENTRY, idMessage: "x".repeat(300) }];
    const { read, unread } = await siftJournal(inPieces(JSON.stringify([ENTRY, ...odd, ENTRY]), 10), { pause });
    expect([read, unread]).toEqual([[ENTRY, ENTRY], odd.length]);
  });

  it("reads an entry with a thumbnail and other fields, and ids beyond 2^53", async () => {
    const large = `{"jpegThumbnail":"${"x".repeat(100_000)}","x":${"[".repeat(10_000)}${"]".repeat(10_000)},`;
    const text = `[${large}${JSON.stringify(ENTRY).slice(1)},{"type":"incoming","idMessage":12345678901234567890,"timestamp":1}]`;
    const { read } = await siftJournal(inPieces(text), { pause });
    expect(read).toEqual([ENTRY, { type: "incoming", idMessage: "12345678901234567890", timestamp: 1 }]);
  });

  it("reads at most 10,000 entries, with regular pauses", async () => {
    let pauses = 0;
    const counted = { pause: () => void (pauses += 1) };
    const text = `[${`${JSON.stringify(ENTRY)},`.repeat(9_000)}${"{},".repeat(1_000)}`;
    for (const rest of ["{}]", `${"{},".repeat(1_000_000)}{}]`, "{}}no JSON"]) {
      const { read, unread, isCut } = await siftJournal(inPieces(text + rest), counted);
      expect([read.length, unread, isCut]).toEqual([9_000, 1_000, true]);
    }
    expect((await siftJournal(inPieces(`${text.slice(0, -1)}]`), counted)).isCut).toBe(false);
    expect(pauses).toBeGreaterThan(10_000);
  });

  it("skips an entry of more than 1 MiB", async () => {
    const text = `[{"x":"${"x".repeat(1024 * 1024)}"},${JSON.stringify(ENTRY)}]`;
    expect(await siftJournal(inPieces(text), { pause })).toEqual({ read: [ENTRY], unread: 1, isCut: false });
  });

  it("accepts a list in a field in an upload, and never from a gateway", async () => {
    const text = JSON.stringify({ messages: [ENTRY] });
    expect((await siftJournal(inPieces(text), { isUpload: true, pause })).read).toEqual([ENTRY]);
    await expect(siftJournal(inPieces(text), { pause })).rejects.toThrow(NoListError);
  });

  it.each(["[1,,2]", "[{]", "[nul]", '[{"a":}]', "[1"])("refuses what is not JSON: %s", async (text) => {
    await expect(siftJournal(inPieces(text), { pause })).rejects.toThrow(SyntaxError);
  });
});

describe("entryOf", () => {
  const at = ENTRY.timestamp;
  const entryOf = (element: object, direction?: "incoming" | "outgoing") =>
    upstream.journals.entryOf({ ...ENTRY, ...element }, { direction, pseudonyms: undefined });
  /** The events that the adapter reads from the webhooks of an entry. */
  const eventsOf = (element: object, direction: "incoming" | "outgoing" = "outgoing") => {
    const entry = entryOf(element, direction);
    const webhooks = entry === undefined ? [] : upstream.journals.webhooksOf("7103000901", entry, undefined);
    return webhooks.flatMap((webhook) => {
      const [part] = greenApi.split(webhook);
      const result = part && greenApi.toEvents(part, at + 100);
      return result?.kind === "events" ? result.events : [];
    });
  };

  it.each([
    "incomingCall",
    "missedCall",
    "callLog",
    "call_log",
    "callLogMessage",
    "e2e_notification",
    "notification_template",
    "ciphertext",
    "protocolMessage",
    "outgoingCall",
    "IncomingCall",
    "incomingBlock",
    "deviceInfo",
    "stateInstanceChanged",
    "quotaExceeded",
  ])("skips %s, which is not a message", (typeMessage) => {
    for (const direction of ["incoming", "outgoing"] as const)
      expect(entryOf({ type: direction, typeMessage }, direction)).toBeUndefined();
  });

  it.each([
    [{ textMessage: "{{SWE001}}" }, undefined],
    [{ textMessage: " {{swe999}} " }, undefined],
    [{ typeMessage: "extendedTextMessage", extendedTextMessage: { text: "{{SWE999}}" } }, undefined],
    [{ typeMessage: "quotedMessage", extendedTextMessage: { text: "{{SWE003}}" } }, undefined],
    [{ typeMessage: "imageMessage", caption: "{{SWE999}}" }, "imageMessage"],
    [{ textMessage: "what is {{SWE001}}?" }, "textMessage"],
    [{ textMessage: "good morning" }, "textMessage"],
  ])("reads the type of %j as %j", (fields, typeMessage) => {
    const element = { type: "incoming", typeMessage: "textMessage", statusMessage: undefined, ...fields };
    const { typeMessage: read } = { typeMessage: undefined, ...entryOf(element)?.kept };
    expect([entryOf(element)?.idMessage, read]).toEqual(["A", typeMessage]);
  });

  it.each([
    [{ type: undefined }, "incoming", "outgoing"],
    [{ type: "" }, undefined, "outgoing"],
    [{ type: "Incoming", statusMessage: undefined }, "outgoing", "incoming"],
    [{ type: undefined, statusMessage: undefined }, "incoming", "incoming"],
    [{ type: undefined, statusMessage: undefined }, undefined, undefined],
  ] as const)("reads %j from a journal of %s messages as %s", (fields, asked, direction) => {
    expect(entryOf(fields, asked)?.direction).toBe(direction);
  });

  it.each([
    ["Delivered", "delivered"],
    ["READ", "read"],
    ["suspended", "yellowCard"],
    ["fail", "failed"],
    ["NoAccount", "noAccount"],
  ])("reads the status %s as %s", (statusMessage, status) => {
    expect(eventsOf({ statusMessage })).toMatchObject([{ kind: "status", status }]);
  });

  it.each([{ low: at, high: 0, unsigned: true }, String(at), ` ${String(at)} `])("reads the time %j", (timestamp) => {
    expect(eventsOf({ timestamp })).toMatchObject([{ at }]);
  });

  it.each([
    ["79000000009.0:3@s.whatsapp.net", { chatId: "79000000009@c.us", chatKind: "individual" }],
    ["79000000009@C.US", { chatId: "79000000009@c.us", chatKind: "individual" }],
    ["187239847239847:3@lid", { chatId: "187239847239847@lid", chatKind: "individual" }],
    ["1790000001@broadcast", { chatId: "1790000001@broadcast", chatKind: "broadcast" }],
    ["status@broadcast", { chatId: "status@broadcast", chatKind: "status" }],
    ["-1001234500001", { chatId: "-1001234500001", chatKind: "group", chatScoped: true }],
    [-1001234500001, { chatId: "-1001234500001", chatKind: "group", chatScoped: true }],
    [10000011, { chatId: "10000011", chatKind: "individual", chatScoped: true }],
  ])("reads the chat %j", (chatId, chat) => {
    expect(entryOf({ chatId })).toMatchObject(chat);
    expect(eventsOf({ chatId, sendByApi: true })).toMatchObject([chat, chat]);
  });
});

describe("siftRecipients", () => {
  it("reads the viewers of a story", async () => {
    const one = { timestamp: 1, participant: "7@c.us", status: "read" };
    const many = { ...one, participant: Array.from({ length: 1000 }, (_, i) => `7900${String(i)}@c.us`) };
    const { read, unread } = await siftRecipients(upstream, inPieces(JSON.stringify([one, {}, many])), { pause });
    expect([read.map(({ chatIds }) => chatIds.length), unread]).toEqual([[1, 1000], 1]);
  });
});
