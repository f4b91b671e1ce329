import type { Example } from "../testing/describe-gateway.ts";
import { bodyOf, echoBody, statusBody } from "./testing/bodies.ts";

const INSTANCE = "meta:100000000000001";
const STATUS = { id: "wamid.AAA1", timestamp: "1790000000" };
const INCOMING = {
  from: "15550001111",
  from_user_id: "US.10000000000000000001",
  id: "wamid.AAA4",
  timestamp: "1790000005",
};

/** Fields whose texts are counted; all others are removed. */
export const COUNTED: readonly string[] = [
  "object",
  "entry.*.id",
  "entry.*.changes.*.field",
  "entry.*.changes.*.value.metadata.phone_number_id",
  ...[
    ...["id", "status", "type", "timestamp", "recipient_type", "recipient_id", "recipient_user_id"],
    ...["recipient_participant_id", "recipient_participant_user_id", "pricing.category", "pricing.type"],
    "errors.*.error_data.details",
  ].map((field) => `entry.*.changes.*.value.statuses.*.${field}`),
  ...["id", "type", "timestamp", "from", "from_user_id", "group_id"].map(
    (field) => `entry.*.changes.*.value.messages.*.${field}`,
  ),
  ...["id", "type", "timestamp", "to", "to_user_id"].map(
    (field) => `entry.*.changes.*.value.message_echoes.*.${field}`,
  ),
];

export const EXAMPLES: readonly Example[] = [
  {
    name: "a status with its price",
    body: bodyOf("messages", {
      contacts: [{ wa_id: "15550001111", user_id: "US.10000000000000000001", profile: { name: "A name" } }],
      statuses: [
        {
          ...STATUS,
          status: "delivered",
          recipient_id: "15550001111",
          recipient_user_id: "US.10000000000000000001",
          biz_opaque_callback_data: "spring",
          conversation: { id: "c1", origin: { type: "utility" } },
          pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "utility" },
        },
      ],
    }),
    parts: [
      {
        type: "statuses",
        instance: INSTANCE,
        events: [
          {
            kind: "status",
            idMessage: "wamid.AAA1",
            status: "delivered",
            chatId: "15550001111@c.us",
            chatKind: "individual",
            origin: "api",
            at: 1_790_000_000,
            price: { category: "utility", type: "regular" },
          },
        ],
      },
    ],
  },
  {
    name: "a failure without recipient and contacts",
    body: statusBody({
      ...STATUS,
      status: "failed",
      recipient_user_id: "US.10000000000000000001",
      errors: [
        { code: 131047, title: "T", message: "M", error_data: { details: "Too late" }, href: "https://example.test" },
      ],
    }),
    parts: [
      {
        type: "statuses",
        instance: INSTANCE,
        events: [
          {
            kind: "status",
            status: "noActiveSession",
            reason: "no_active_session",
            code: "131047",
            description: "Too late",
            chatId: "US.10000000000000000001@bsuid",
          },
        ],
      },
    ],
  },
  {
    name: "two members of a group, and an unknown status",
    body: statusBody(
      {
        ...STATUS,
        status: "delivered",
        recipient_type: "group",
        recipient_id: "GROUP-1",
        recipient_participant_id: "15550001111",
      },
      {
        ...STATUS,
        status: "read",
        recipient_type: "group",
        recipient_id: "GROUP-1",
        recipient_participant_user_id: "US.20000000000000000002",
      },
      { ...STATUS, status: "evaporated" },
    ),
    parts: [
      {
        type: "statuses",
        instance: INSTANCE,
        events: [{ kind: "status", chatId: "GROUP-1@g.us", chatKind: "group", recipientId: "15550001111@c.us" }],
      },
      {
        type: "statuses",
        instance: INSTANCE,
        events: [{ kind: "status", status: "read", recipientId: "US.20000000000000000002@bsuid" }],
      },
      { type: "statuses", instance: INSTANCE, rejected: "unknown_status" },
    ],
  },
  {
    name: "what people wrote",
    body: bodyOf("messages", {
      contacts: [{ wa_id: "15550001111", profile: { name: "A name", username: "someone" } }],
      messages: [
        { ...INCOMING, type: "text", text: { body: "A text" } },
        {
          ...INCOMING,
          id: "wamid.AAA5",
          type: "image",
          group_id: "GROUP-1",
          image: { caption: "A text", id: "1", sha256: "x" },
        },
        { ...INCOMING, id: "wamid.AAA6", type: "reaction", reaction: { message_id: "wamid.AAA4", emoji: "+" } },
        { ...INCOMING, id: "wamid.AAA7", type: "system", system: { body: "A text", wa_id: "15550003333" } },
      ],
    }),
    parts: [
      {
        type: "messages",
        instance: INSTANCE,
        events: [{ kind: "observation", direction: "incoming", type: "text", chatId: "15550001111@c.us" }],
      },
      { type: "messages", instance: INSTANCE, events: [{ kind: "observation", type: "image", chatKind: "group" }] },
      { type: "messages", instance: INSTANCE, events: [{ kind: "observation", type: "reaction" }] },
      { type: "messages", instance: INSTANCE, events: [{ kind: "signal" }] },
    ],
  },
  {
    name: "what was written on the phone",
    body: echoBody({
      ...{ from: "15550002222", to: "15550001111", to_user_id: "US.10000000000000000001", id: "wamid.AAA8" },
      ...{ timestamp: "1790000006", type: "text", text: { body: "A text" } },
    }),
    parts: [
      {
        type: "message_echoes",
        instance: INSTANCE,
        events: [{ kind: "observation", direction: "outgoing", origin: "phone", chatId: "15550001111@c.us" }],
      },
    ],
  },
  {
    name: "a call, whose statuses are none of a message",
    body: bodyOf("calls", {
      statuses: [{ id: "wacid.B1", type: "call", status: "RINGING", recipient_id: "15550001111" }],
    }),
    parts: [{ type: "calls", instance: INSTANCE, events: [{ kind: "signal" }] }],
  },
  {
    name: "what concerns a business account",
    body: bodyOf("account_update", { phone_number: "15550002222", event: "VERIFIED_ACCOUNT" }, null),
    parts: [{ type: "account_update" }],
  },
  {
    name: "a message without a phone number id",
    body: bodyOf("messages", { statuses: [{ ...STATUS, status: "sent" }] }, null),
    parts: [{ type: "statuses", rejected: "no_instance" }],
  },
  {
    name: "what comes new",
    body: bodyOf("brand_new_field", { anything: "A text" }),
    parts: [{ type: "other", instance: INSTANCE, events: [{ kind: "signal" }] }],
  },
  {
    name: "another product's webhook",
    body: { object: "instagram", entry: [{ id: "1", changes: [{ field: "comments", value: { text: "A text" } }] }] },
    parts: [{ type: "none", rejected: "no_type" }],
  },
  // Changes that count nothing, one of each further label.
  ...[
    ...["account_alerts", "account_review_update", "business_capability_update", "group_lifecycle_update"],
    ...["group_participants_update", "history", "message_template_quality_update", "message_template_status_update"],
    ...["phone_number_name_update", "phone_number_quality_update", "security", "smb_app_state_sync"],
    ...["template_category_update", "user_id_update", "user_preferences"],
  ].map((field) => ({
    name: `a change of ${field}`,
    body: bodyOf(field, { event: "X", messages: [{ ...INCOMING, type: "text", text: { body: "A text" } }] }),
    parts: [{ type: field, instance: INSTANCE, events: [{ kind: "signal" as const }] }],
  })),
  {
    name: "an echo without any",
    body: bodyOf("smb_message_echoes", {}),
    parts: [{ type: "smb_message_echoes", instance: INSTANCE, rejected: "invalid_shape" }],
  },
];
