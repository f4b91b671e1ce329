export * from "./environment.ts";
export * from "./exact-json.ts";
export * from "./green-api-webhook.ts";
export * from "./metrics-answer.ts";
export * from "./quarantine-entry.ts";
export * from "./registry-replies.ts";
export * from "./stored.ts";
export * from "./webhook-job.ts";
