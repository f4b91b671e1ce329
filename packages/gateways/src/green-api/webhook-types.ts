/** Every `typeWebhook` we know to exist; others are counted as `other`. */
export const WEBHOOK_TYPES = [
  "incomingMessageReceived",
  "outgoingMessageReceived",
  "outgoingAPIMessageReceived",
  "outgoingMessageStatus",
  "incomingMessageStatus",
  "stateInstanceChanged",
  "statusInstanceChanged",
  "deviceInfo",
  "incomingCall",
  "outgoingCall",
  "incomingBlock",
  "quotaExceeded",
] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];
