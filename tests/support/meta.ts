import { createHmac } from "node:crypto";
import type { Answer, System } from "../system.ts";
import { nowSeconds } from "./webhooks.ts";

const META_APP_SECRET = "0123456789abcdef0123456789abcdef";
export const META_VERIFY_TOKEN = "verify-token-of-the-tests";
/** The settings that a system needs to accept Meta's webhooks. */
export const META_ENV = { META_APP_SECRET, META_VERIFY_TOKEN };

/** The recipient in the statuses. */
export const PERSON = "15550001111";

let numbers = 0;

/** The id of a phone number that no other test uses, and its instance. */
export function freshNumber(): { readonly number: string; readonly instance: string } {
  numbers += 1;
  const number = String(100_000_000_000_000 + process.pid * 1_000 + numbers);
  return { number, instance: `meta:${number}` };
}

export interface MetaChange {
  readonly field: string;
  readonly value: object;
}

/** A change about one phone number, as Meta sends it. */
export function changeOf(number: string, value: object, field = "messages"): MetaChange {
  const metadata = { display_phone_number: "15550002222", phone_number_id: number };
  return { field, value: { messaging_product: "whatsapp", metadata, ...value } };
}

/** A body with one entry for each change. */
export function metaBody(...changes: readonly MetaChange[]): string {
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: changes.map((change, place) => ({ id: String(200_000_000_000_000 + place), changes: [change] })),
  });
}

/** Post a body as Meta does: signed, and without a token. */
export async function postAsMeta(system: System, body: string, secret = META_APP_SECRET): Promise<Answer> {
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${digest}` };
  return system.post(body, { path: "/webhooks/meta", token: null, headers });
}

/** A status as Meta sends it, one second old. */
export function status(id: string, word: string, more: object = {}): object {
  return { id: `wamid.${id}`, status: word, timestamp: String(nowSeconds() - 1), recipient_id: PERSON, ...more };
}
