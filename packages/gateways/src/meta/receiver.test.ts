import { createHmac } from "node:crypto";
import { WhatsAppAPI } from "whatsapp-api-js";
import type { PostData, PostDataMessageField } from "whatsapp-api-js/types";
import { describe, expect, it } from "vitest";
import { meta } from "./meta.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NUMBER = "100000000000001";
const AT = "1790000000";

/** Bodies typed by a library for receivers, so that the examples have the shape that its users get. */
function bodyOf(value: PostDataMessageField["value"]): PostData {
  const metadata = { display_phone_number: "15550002222", phone_number_id: NUMBER };
  return {
    object: "whatsapp_business_account",
    entry: [
      {
        id: "200000000000001",
        changes: [{ field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } }],
      },
    ],
  };
}

const PRICING = { pricing_model: "PMP", billable: true, type: "regular", category: "utility" } as const;
const BODIES: readonly (readonly [string, PostData])[] = [
  [
    "a status with a price",
    bodyOf({
      contacts: [{ wa_id: "15550001111", user_id: "US.1", profile: { name: "A name" } }],
      statuses: [
        {
          id: "wamid.1",
          status: "delivered",
          timestamp: AT,
          recipient_id: "15550001111",
          recipient_user_id: "US.1",
          pricing: PRICING,
        },
      ],
    }),
  ],
  ...(["sent", "read", "played"] as const).map(
    (status) =>
      [
        `the status ${status}`,
        bodyOf({ statuses: [{ id: "wamid.2", status, timestamp: AT, recipient_user_id: "US.2" }] }),
      ] as const,
  ),
  [
    "a failure without contacts and recipient",
    bodyOf({
      statuses: [
        {
          id: "wamid.3",
          status: "failed",
          timestamp: AT,
          recipient_user_id: "US.3",
          conversation: undefined,
          pricing: undefined,
          errors: [{ code: 131049, title: "T", message: "M", error_data: { details: "D" } }],
        },
      ],
    }),
  ],
  [
    "a member of a group",
    bodyOf({
      statuses: [
        {
          id: "wamid.4",
          status: "read",
          timestamp: AT,
          recipient_type: "group",
          recipient_id: "GROUP-1",
          recipient_participant_id: "15550001111",
        },
      ],
    }),
  ],
  [
    "a text",
    bodyOf({
      messages: [
        {
          id: "wamid.5",
          from: "15550001111",
          from_user_id: "US.1",
          timestamp: AT,
          type: "text",
          text: { body: "A text" },
        },
      ],
    }),
  ],
  [
    "a reaction of a person who hides the number",
    bodyOf({
      messages: [
        {
          id: "wamid.6",
          from_user_id: "US.1",
          timestamp: AT,
          type: "reaction",
          reaction: { message_id: "wamid.5", emoji: "👍" },
        },
      ],
    }),
  ],
];

/** What the library reads from the first item of a body. */
async function judged(body: PostData): Promise<object | undefined> {
  const judge = new WhatsAppAPI<object>({ token: "x", appSecret: SECRET, v: "v24.0" });
  judge.on.status = ({ phoneID, id, status, timestamp, recipient, error, pricing }) => ({
    instance: `meta:${phoneID}`,
    id,
    status,
    at: Number(timestamp),
    chat: chatOf(recipient),
    code: error === undefined ? undefined : String(error.code),
    category: pricing?.category,
  });
  judge.on.message = ({ phoneID, message, recipient }) => ({
    instance: `meta:${phoneID}`,
    id: message.id,
    at: Number(message.timestamp),
    chat: chatOf(recipient),
    type: message.type,
  });
  // Meta writes non-ASCII characters as escapes.
  const raw = JSON.stringify(body).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const signature = `sha256=${createHmac("sha256", SECRET).update(raw).digest("hex")}`;
  return judge.post(body, raw, signature);
}

function chatOf(recipient: object): string | undefined {
  const { group, phone, bsuid } = recipient as { group?: string; phone?: string; bsuid?: string };
  if (group !== undefined) return `${group}@g.us`;
  return phone === undefined ? bsuid && `${bsuid}@bsuid` : `${phone}@c.us`;
}

describe("a library for receivers", () => {
  it.each(BODIES)("reads the same as the adapter from %s", async (_, body) => {
    const read = meta.split(meta.parse(JSON.stringify(body))).map((part) => meta.toEvents(part, Number(AT) + 1));
    const results = read.map((result) => {
      if (result.kind !== "events") return result;
      const [event] = result.events;
      if (event?.kind === "status") {
        const code = "code" in event ? event.code : undefined;
        const { idMessage: id, status, at, chatId: chat, price } = event;
        return { instance: result.instance, id, status, at, chat, code, category: price?.category };
      }
      if (event?.kind !== "observation") return event;
      const { idMessage: id, at, chatId: chat, type } = event;
      return { instance: result.instance, id, at, chat, type };
    });
    expect(results).toEqual([await judged(body)]);
  });
});
