import { createHmac } from "node:crypto";
import type { SimulatedEvent, SimulatedMessage } from "../traffic/message.ts";
import type { Shape } from "./shape.ts";

const NUMBERS_FROM = 100_000_000_000_000;
const INSTANCES_A_SEED = 2_000;

/**
 * Meta's WhatsApp Cloud API: signed, and without a journal. For messages sent by the API it reports only statuses, with the price; for
 * those written in the app only the message itself; and nothing about the account's state.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
 */
export const META: Shape = {
  gateway: "meta",
  path: "/webhooks/meta",
  hasJournal: false,
  hasPrices: true,
  instanceId: (seed, number) => `meta:${String(NUMBERS_FROM + seed * INSTANCES_A_SEED + number)}`,
  messageId: (serial, random) =>
    `wamid.${Buffer.from(`${serial.toString(36)}-${String(random.below(1_000_000))}`).toString("base64url")}`,
  chatId: (instance, number) => `1555${instance.slice(-3)}${String(10_000 + number)}@c.us`,
  reported,
  webhook,
  journalEntry: () => undefined,
  headers: (body, { appSecret = "" }) => ({
    "x-hub-signature-256": `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`,
  }),
};

function reported({ direction, origin, events }: Pick<SimulatedMessage, "direction" | "origin" | "events">) {
  if (direction === "incoming" || origin === "phone") return events.filter(({ what }) => what === "observation");
  return events.filter(({ what }) => what !== "observation" && what !== "yellowCard").map(inOwnWords);
}

/** A failure by its code. There is no code for a missing account: all unreachable recipients get the same one. */
function inOwnWords(event: SimulatedEvent): SimulatedEvent {
  const { what, at, reason = "none" } = event;
  if (what !== "failed" && what !== "noAccount" && what !== "notInGroup") return event;
  const { reason: own, code, description, word = "failed" } = ERRORS[reason] ?? UNKNOWN_ERROR;
  return { what: word, at, reason: own, code, description };
}

interface MetaError {
  readonly reason: string;
  readonly code: number;
  readonly description: string;
  readonly word?: "noActiveSession";
}

const UNKNOWN_ERROR: MetaError = { reason: "gateway_error", code: 131_000, description: "Something went wrong." };
const UPLOAD: MetaError = { reason: "media_failed", code: 131_053, description: "Media upload error." };
const DOWNLOAD: MetaError = { reason: "media_failed", code: 131_052, description: "Media download error." };

/** Failures by the reason that another gateway would report. */
const ERRORS: Readonly<Record<string, MetaError>> = {
  no_account: { reason: "recipient_unreachable", code: 131_026, description: "Message undeliverable." },
  timed_out: { reason: "gateway_error", code: 131_016, description: "Service temporarily unavailable." },
  connection_closed: { reason: "rate_limited", code: 130_429, description: "Rate limit hit." },
  not_authenticated: {
    reason: "no_active_session",
    code: 131_047,
    description: "More than 24 hours have passed since the recipient last replied.",
    word: "noActiveSession",
  },
  none: { reason: "engagement_limited", code: 131_049, description: "Not delivered to maintain healthy engagement." },
  uploader_error: UPLOAD,
  upload_failed: UPLOAD,
  send_file_failed: UPLOAD,
  download_failed: DOWNLOAD,
  file_too_large: DOWNLOAD,
  file_empty: DOWNLOAD,
};

function webhook(instance: string, message: SimulatedMessage, event: SimulatedEvent): object {
  const person = message.chatId.replace(/@.*/, "");
  const seconds = String(event.at);
  if (event.what !== "observation") {
    const status = {
      id: message.id,
      status: event.code === undefined ? event.what : "failed",
      timestamp: seconds,
      recipient_id: person,
      ...(event.code === undefined ? { pricing: pricingOf(message) } : { errors: [errorOf(event)] }),
    };
    return body(instance, "messages", { statuses: [status] });
  }
  const type = message.type === "contact" ? "contacts" : message.type;
  const base = {
    id: message.id,
    timestamp: seconds,
    type,
    ...(type === "text" ? { text: { body: "Thank you!" } } : {}),
  };
  return message.direction === "incoming"
    ? body(instance, "messages", {
        contacts: [{ profile: { name: "Anna" }, wa_id: person }],
        messages: [{ from: person, ...base }],
      })
    : body(instance, "smb_message_echoes", { message_echoes: [{ to: person, ...base }] });
}

function pricingOf({ priceCategory }: SimulatedMessage): object {
  return { billable: true, pricing_model: "PMP", category: priceCategory, type: "regular" };
}

function errorOf({ code, description = "" }: SimulatedEvent): object {
  return { code, title: description, message: description, error_data: { details: description } };
}

function body(instance: string, field: string, value: object): object {
  const metadata = { display_phone_number: "15550000000", phone_number_id: instance.slice("meta:".length) };
  const change = { field, value: { messaging_product: "whatsapp", metadata, ...value } };
  return { object: "whatsapp_business_account", entry: [{ id: "200000000000000", changes: [change] }] };
}
