import { instanceIdOf, type InstanceId } from "@ticktally/core";
import { isRecord } from "../json/is-record.ts";
import { wordOf } from "./values.ts";

export const OBJECT = "whatsapp_business_account";

/** Lists with one message per element, by the field of the change they belong to. The same names in other fields are about calls. */
const LISTS_BY_FIELD: ReadonlyMap<string, readonly ListName[]> = new Map([
  ["messages", ["statuses", "messages"]],
  ["smb_message_echoes", ["message_echoes"]],
]);
export type ListName = "statuses" | "messages" | "message_echoes";

/** The head of a change, independent of its value. */
interface ChangeHead {
  /** The business account, as the body names it. */
  readonly business: string | undefined;
  /** The id of the phone number. */
  readonly number: string | undefined;
  readonly field: string;
}

/** One thing that a change reports. */
export type Change =
  | (ChangeHead & {
      readonly kind: "element";
      readonly list: ListName;
      readonly element: unknown;
      /** Errors beside the list, where older API versions put those of a failed message. */
      readonly errors: unknown;
    })
  /** A change without such elements, or a value that is no object. */
  | (ChangeHead & { readonly kind: "change"; readonly value: unknown });

/** One thing that a body reports. */
export type Found =
  | Change
  /** What is no change: of another object, or broken. */
  | { readonly kind: "unreadable"; readonly body: unknown };

/** Everything that a body reports, in order; at least one. */
export function* foundIn(body: unknown): Generator<Found, void> {
  const entries = isRecord(body) && body["object"] === OBJECT ? body["entry"] : undefined;
  if (!isNonEmptyList(entries)) {
    yield { kind: "unreadable", body };
    return;
  }
  for (const entry of entries) {
    const changes = isRecord(entry) ? entry["changes"] : undefined;
    if (!isRecord(entry) || !isNonEmptyList(changes)) {
      yield { kind: "unreadable", body: { object: OBJECT, entry: [entry] } };
      continue;
    }
    for (const change of changes) yield* foundInChange(entry["id"], change);
  }
}

function* foundInChange(id: unknown, change: unknown): Generator<Found, void> {
  const field = isRecord(change) ? change["field"] : undefined;
  if (!isRecord(change) || typeof field !== "string" || field === "") {
    yield { kind: "unreadable", body: { object: OBJECT, entry: [{ changes: [change] }] } };
    return;
  }
  const { value } = change;
  const head = { business: digitsOf(id), number: isRecord(value) ? numberOf(value) : undefined, field };
  let isEmpty = true;
  for (const list of LISTS_BY_FIELD.get(field) ?? []) {
    const elements = isRecord(value) ? value[list] : undefined;
    if (!isRecord(value) || !isNonEmptyList(elements)) continue;
    isEmpty = false;
    for (const element of elements) yield { kind: "element", ...head, list, element, errors: value["errors"] };
  }
  if (isEmpty) yield { kind: "change", ...head, value };
}

/** A body with a single change. @param held the parts of its value besides its number */
export function bodyWith({ business, number, field }: Change, held: unknown): object {
  const metadata = number === undefined ? undefined : { phone_number_id: number };
  const value = { ...(isRecord(held) ? held : {}), metadata };
  return { object: OBJECT, entry: [{ id: business, changes: [{ field: wordOf(field), value }] }] };
}

/** The phone numbers that a body mentions. */
export function numbersIn(
  body: unknown,
): readonly { readonly number: string; readonly business: string | undefined }[] {
  const numbers = new Map<string, { number: string; business: string | undefined }>();
  for (const found of foundIn(body)) {
    if (found.kind === "unreadable" || found.number === undefined) continue;
    const { number, business } = found;
    numbers.set(`${number} ${business ?? ""}`, { number, business });
  }
  return [...numbers.values()];
}

/** Each phone number is an instance: statuses, limits and quality are by number, and an app may serve many of them. */
export function instanceOf(found: Found): InstanceId | undefined {
  return found.kind === "unreadable" || found.number === undefined ? undefined : instanceIdOf("meta", found.number);
}

/** Whether a field's changes are about messages, so that one without any is invalid. */
export function isOfMessages(field: string): boolean {
  return LISTS_BY_FIELD.has(field);
}

function numberOf(value: Record<string, unknown>): string | undefined {
  const { metadata } = value;
  return isRecord(metadata) ? digitsOf(metadata["phone_number_id"]) : undefined;
}

function digitsOf(id: unknown): string | undefined {
  const text = typeof id === "number" && Number.isSafeInteger(id) ? String(id) : id;
  return typeof text === "string" && /^\d{1,32}$/.test(text) ? text : undefined;
}

function isNonEmptyList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
