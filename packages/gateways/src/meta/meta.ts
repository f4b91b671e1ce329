import { PARTS_MAX, type Gateway, type Part } from "../gateway.ts";
import { bodyWith, foundIn, instanceOf, OBJECT, type Found } from "./changes.ts";
import { toEvents } from "./events.ts";
import { keptId } from "./message-id.ts";
import { parse } from "./parse.ts";
import { withoutContent } from "./queued.ts";
import { APP_SECRET, VERIFY_TOKEN } from "./secrets.ts";
import { admit, handshake, SIGNATURE_HEADER, verify } from "./signature.ts";

/** The lists that are read, and the fields of other changes. */
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

/** Meta's WhatsApp Cloud API, and partners such as 360dialog that forward its webhooks. */
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
  // A refused webhook is retried for seven days, but later ones are not held back.
  holdsFeed: false,
  relayedHeaders: [SIGNATURE_HEADER],
};

/** Each status, each message and each other change is a part, so a single one can be rejected. */
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
  // Not the field itself: a substring of a long text would keep the whole text in memory.
  return TYPES.find((type) => type === found.field) ?? "other";
}

function alone(found: Found): unknown {
  if (found.kind === "unreadable") return found.body;
  return found.kind === "element"
    ? bodyWith(found, { [found.list]: [found.element], errors: found.errors })
    : bodyWith(found, found.value);
}
