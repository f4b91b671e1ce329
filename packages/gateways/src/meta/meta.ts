import { PARTS_MAX, type Gateway, type Part } from "../gateway.ts";
import { bodyWith, foundIn, instanceOf, OBJECT, type Found } from "./changes.ts";
import { toEvents } from "./events.ts";
import { keptId } from "./message-id.ts";
import { parse } from "./parse.ts";
import { withoutContent } from "./queued.ts";
import { APP_SECRET, VERIFY_TOKEN } from "./secrets.ts";
import { admit, handshake, SIGNATURE_HEADER, verify } from "./signature.ts";

/** The lists that are read, and the fields of changes that report something else. */
const TYPES: readonly string[] = [
  "statuses",
  "messages",
  "message_echoes",
  "account_alerts",
  "account_review_update",
  "account_update",
  "business_capability_update",
  "calls",
  "group_lifecycle_update",
  "group_participants_update",
  "history",
  "message_template_quality_update",
  "message_template_status_update",
  "phone_number_name_update",
  "phone_number_quality_update",
  "security",
  "smb_app_state_sync",
  "smb_message_echoes",
  "template_category_update",
  "user_id_update",
  "user_preferences",
];

/** Meta's WhatsApp Cloud API, and partners such as 360dialog who pass its webhooks on. */
export const meta: Gateway = {
  name: "meta",
  settings: [APP_SECRET, VERIFY_TOKEN],
  types: TYPES,
  handshake,
  admit,
  verify,
  parse,
  split,
  withoutContent,
  toEvents,
  keptId,
  // What is refused is tried again for seven days, but what comes after it is sent all the same.
  holdsFeed: false,
  relayedHeaders: [SIGNATURE_HEADER],
};

/** Each status, each message and each change without any is a part, so that one of them can be refused alone. */
function split(body: unknown): readonly Part[] {
  const parts: Part[] = [];
  for (const found of foundIn(body)) {
    if (parts.length === PARTS_MAX) {
      parts[PARTS_MAX - 1] = { instance: undefined, type: "none", body: { object: OBJECT, isCut: true } };
      break;
    }
    parts.push({ instance: instanceOf(found), type: typeOf(found), body: alone(found) });
  }
  return parts;
}

function typeOf(found: Found): string {
  if (found.kind === "unreadable") return "none";
  if (found.kind === "element") return found.list;
  // Not the field itself: a piece of a long text would keep all of it.
  return TYPES.find((type) => type === found.field) ?? "other";
}

function alone(found: Found): unknown {
  if (found.kind === "unreadable") return found.body;
  return found.kind === "element"
    ? bodyWith(found, { [found.list]: [found.element], errors: found.errors })
    : bodyWith(found, found.value);
}
