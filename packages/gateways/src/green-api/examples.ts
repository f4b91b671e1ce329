import { EXAMPLES_AT, type Example } from "../testing/describe-gateway.ts";

const AT = EXAMPLES_AT - 100;
const INSTANCE = "7103000901";

function account(typeInstance: string, idInstance: number | string = 7103000901) {
  return { instanceData: { idInstance, wid: "79990000009@c.us", typeInstance } };
}

const STATUS = {
  typeWebhook: "outgoingMessageStatus",
  chatId: "79000000009@c.us",
  ...account("whatsapp"),
  timestamp: AT,
  idMessage: "S9",
  status: "delivered",
  sendByApi: true,
};
const SENDER = { chatId: "79000000009@c.us", sender: "79990000009@c.us", chatName: "Mary", senderName: "Mary" };
const MESSAGE = {
  typeWebhook: "incomingMessageReceived",
  ...account("whatsapp"),
  timestamp: AT,
  idMessage: "M9",
  senderData: SENDER,
  messageData: { typeMessage: "textMessage", textMessageData: { textMessage: "good morning" } },
};
const TELEGRAM = { ...account("telegram", 4100000901), timestamp: AT, idMessage: "1790000000100" };

function status(name: string, fields: object, event: Example["parts"][number]["events"]): Example {
  return {
    name,
    body: { ...STATUS, ...fields },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, events: event ?? [] }],
  };
}

/** Webhooks whose type alone matters: they show that the instance is active. */
function signal(typeWebhook: string, fields: object, type = typeWebhook): Example {
  const body = { typeWebhook, ...account("whatsapp"), timestamp: AT, ...fields };
  return {
    name: `${typeWebhook} as a signal`,
    body,
    parts: [{ type, instance: INSTANCE, events: [{ kind: "signal" }] }],
  };
}

/** GREEN-API's webhooks and what they mean. */
export const EXAMPLES: readonly Example[] = [
  status("a status", {}, [
    {
      kind: "status",
      idMessage: "S9",
      status: "delivered",
      origin: "api",
      at: AT,
      chatId: "79000000009@c.us",
      chatKind: "individual",
      untimed: false,
    },
  ]),
  status("the newer word for a message that is held back", { status: "Suspended" }, [{ status: "yellowCard" }]),
  status("a status in other capitals", { status: "READ" }, [{ status: "read" }]),
  status("a failure in the word of 2021", { status: "fail", description: "Uploader Error" }, [
    { status: "failed", reason: "uploader_error", description: "Uploader Error" },
  ]),
  status("a failure without a reason", { status: "failed" }, [{ status: "failed", reason: "none" }]),
  status("a status that says nothing as a signal", { status: "" }, [{ kind: "signal" }]),
  status("a time as two halves", { timestamp: { low: AT, high: 0, unsigned: true } }, [{ at: AT, untimed: false }]),
  status("a time as digits", { timestamp: String(AT) }, [{ at: AT }]),
  status("a time as digits with spaces", { timestamp: ` ${String(AT)} ` }, [{ at: AT, untimed: false }]),
  status("a time without its upper half", { timestamp: { low: AT } }, [{ at: AT, untimed: false }]),
  status("an empty time as none", { timestamp: "" }, [{ at: EXAMPLES_AT, untimed: true }]),
  status("a status that is null as a signal", { status: null }, [{ kind: "signal" }]),
  status("time 0 as none", { timestamp: 0 }, [{ at: EXAMPLES_AT, untimed: true }]),
  status("a chat with its device", { chatId: "79000000009.0:12@s.whatsapp.net" }, [{ chatId: "79000000009@c.us" }]),
  status("a chat with its device's number", { chatId: "79000000009:3@c.us" }, [{ chatId: "79000000009@c.us" }]),
  status("a message to a broadcast list", { chatId: "1790000001@broadcast" }, [{ chatKind: "broadcast" }]),
  status("a story", { chatId: "status@broadcast" }, [{ chatKind: "status" }]),
  {
    name: "a status in the wrapping of a notification that is pulled",
    body: { receiptId: 9, body: STATUS },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, events: [{ status: "delivered" }] }],
  },
  {
    name: "a status in the text of a wrapping",
    body: { receiptId: 9, body: JSON.stringify(STATUS) },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, events: [{ status: "delivered" }] }],
  },
  {
    name: "a status that is written in a text",
    body: JSON.stringify(STATUS),
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, events: [{ status: "delivered" }] }],
  },
  {
    name: "a list of webhooks, one of which cannot be read",
    body: [STATUS, { hello: "world" }, { receiptId: 9, body: { ...STATUS, status: "read" } }],
    parts: [
      { type: "outgoingMessageStatus", instance: INSTANCE, events: [{ status: "delivered" }] },
      { type: "none", rejected: "no_type" },
      { type: "outgoingMessageStatus", instance: INSTANCE, events: [{ status: "read" }] },
    ],
  },
  {
    name: "a status of a message in a group of WABA",
    body: { ...STATUS, ...account("waba"), chatId: "120363000000000001@g.us" },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, events: [{ chatKind: "group" }] }],
  },
  {
    name: "a word that no rule knows as that",
    body: { ...STATUS, status: "evaporated" },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, rejected: "unknown_status" }],
  },
  {
    name: "a message that is received, without its text and names",
    body: { ...MESSAGE, recipients: [] },
    parts: [
      {
        type: "incomingMessageReceived",
        instance: INSTANCE,
        events: [
          { kind: "observation", direction: "incoming", type: "text", idMessage: "M9", chatId: "79000000009@c.us" },
        ],
      },
    ],
  },
  {
    name: "a message that the phone sent",
    body: { ...MESSAGE, typeWebhook: "outgoingMessageReceived" },
    parts: [
      { type: "outgoingMessageReceived", instance: INSTANCE, events: [{ direction: "outgoing", origin: "phone" }] },
    ],
  },
  {
    name: "a message that the API sent, with a picture",
    body: {
      ...MESSAGE,
      typeWebhook: "outgoingAPIMessageReceived",
      messageData: {
        typeMessage: "imageMessage",
        fileMessageData: {
          downloadUrl: "https://example.org/1.jpg",
          caption: "see",
          fileName: "1.jpg",
          jpegThumbnail: "AAAA",
        },
      },
    },
    parts: [{ type: "outgoingAPIMessageReceived", instance: INSTANCE, events: [{ origin: "api", type: "image" }] }],
  },
  {
    name: "a placeholder as a message of a type that is not known yet",
    body: { ...MESSAGE, messageData: { typeMessage: "textMessage", textMessageData: { textMessage: "{{SWE001}}" } } },
    parts: [{ type: "incomingMessageReceived", instance: INSTANCE, events: [{ type: "unknown" }] }],
  },
  {
    name: "a placeholder in the other kind of text",
    body: {
      ...MESSAGE,
      messageData: { typeMessage: "extendedTextMessage", extendedTextMessageData: { text: " {{SWE003}} " } },
    },
    parts: [{ type: "incomingMessageReceived", instance: INSTANCE, events: [{ type: "unknown" }] }],
  },
  {
    name: "a picture whose caption is a placeholder as a picture",
    body: {
      ...MESSAGE,
      messageData: { typeMessage: "imageMessage", fileMessageData: { caption: "{{SWE999}}" } },
    },
    parts: [{ type: "incomingMessageReceived", instance: INSTANCE, events: [{ type: "image" }] }],
  },
  {
    name: "a message of which the text only mentions a placeholder",
    body: {
      ...MESSAGE,
      messageData: { typeMessage: "textMessage", textMessageData: { textMessage: "what is {{SWE001}}?" } },
    },
    parts: [{ type: "incomingMessageReceived", instance: INSTANCE, events: [{ type: "text" }] }],
  },
  {
    name: "a group of Telegram by its negative number",
    body: {
      ...MESSAGE,
      ...TELEGRAM,
      senderData: { chatId: "-1001234500001", sender: "10000009", chatType: "supergroup" },
    },
    parts: [
      {
        type: "incomingMessageReceived",
        instance: "4100000901",
        events: [{ chatId: "-1001234500001", chatKind: "group", chatScoped: true }],
      },
    ],
  },
  {
    name: "a group of Telegram whose id is a number",
    body: { ...MESSAGE, ...TELEGRAM, senderData: { chatId: -1001234500001, sender: 10000009 } },
    parts: [
      {
        type: "incomingMessageReceived",
        instance: "4100000901",
        events: [{ chatId: "-1001234500001", chatKind: "group", chatScoped: true }],
      },
    ],
  },
  {
    name: "a chat of a product that is not known by its bare number",
    body: { ...STATUS, ...account("somethingNew", 4100000901), chatId: "-10000011" },
    parts: [
      {
        type: "outgoingMessageStatus",
        instance: "4100000901",
        events: [{ chatId: "-10000011", chatKind: "group", chatScoped: true }],
      },
    ],
  },
  {
    name: "a status of Telegram, whose ids are unique within a chat only",
    body: { ...STATUS, ...TELEGRAM, chatId: "10000011" },
    parts: [
      {
        type: "outgoingMessageStatus",
        instance: "4100000901",
        events: [{ chatId: "10000011", chatKind: "individual", chatScoped: true }],
      },
    ],
  },
  {
    name: "a status in a group of MAX",
    body: { ...STATUS, ...account("v3", 310000090101), chatId: "-70000000000001" },
    parts: [
      {
        type: "outgoingMessageStatus",
        instance: "310000090101",
        events: [{ chatId: "-70000000000001", chatKind: "group", chatScoped: true }],
      },
    ],
  },
  {
    name: "a status of Telegram without a chat as one that cannot be placed",
    body: { ...STATUS, ...TELEGRAM, chatId: undefined },
    parts: [{ type: "outgoingMessageStatus", instance: "4100000901", rejected: "no_chat" }],
  },
  {
    name: "an instance whose number is beyond 2^53",
    body: { ...STATUS, ...account("whatsapp", "12345678901234567890") },
    parts: [{ type: "outgoingMessageStatus", instance: "12345678901234567890", events: [{ status: "delivered" }] }],
  },
  {
    name: "the state of the account",
    body: { typeWebhook: "stateInstanceChanged", ...account("whatsapp"), timestamp: AT, stateInstance: "yellowCard" },
    parts: [
      { type: "stateInstanceChanged", instance: INSTANCE, events: [{ kind: "state", state: "yellowCard", at: AT }] },
    ],
  },
  signal("incomingMessageStatus", { idMessage: "M9", chatId: "79000000009@c.us", status: "read", sendByApi: false }),
  signal("statusInstanceChanged", { statusInstance: "online" }),
  signal("deviceInfo", { deviceData: { platform: "android", deviceModel: "Phone", battery: 90 } }),
  signal("incomingCall", { from: "79000000009@c.us", status: "offer", idMessage: "C9" }),
  signal("outgoingCall", { from: "79000000009@c.us", status: "pickUp", isVideo: false }),
  signal("incomingBlock", { chatId: "79000000009@c.us", chatState: "blocked" }),
  signal("quotaExceeded", { timestamp: undefined, quotaData: { method: "correspondents", used: 3, total: 3 } }),
  signal("somethingNew", { text: "news" }, "other"),
  {
    name: "a status of no instance",
    body: { ...STATUS, instanceData: undefined },
    parts: [{ type: "outgoingMessageStatus", rejected: "no_instance" }],
  },
  {
    name: "a body without a type",
    body: { ...account("whatsapp"), hello: "world" },
    parts: [{ type: "none", instance: INSTANCE, rejected: "no_type" }],
  },
  { name: "a body that is no object", body: ["hello"], parts: [{ type: "none", rejected: "not_an_object" }] },
  {
    name: "a status whose fields are of other types",
    body: { ...STATUS, idMessage: { text: "S9" }, status: ["sent"] },
    parts: [{ type: "outgoingMessageStatus", instance: INSTANCE, rejected: "invalid_shape" }],
  },
];

/** The fields whose texts are counted. */
export const COUNTED: readonly string[] = ["", "body.", ".*.", ".*.body."].flatMap((wrapping) =>
  [
    ...[
      "typeWebhook",
      "instanceData.idInstance",
      "instanceData.typeInstance",
      "timestamp",
      "idMessage",
      "status",
      "chatId",
    ],
    ...["description", "stateInstance", "senderData.chatId", "senderData.chatType", "messageData.typeMessage"],
  ].map((path) => wrapping + path),
);
