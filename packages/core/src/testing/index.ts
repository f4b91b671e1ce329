export * from "./describe-message-store.ts";
export * from "./histories.ts";
export * from "./memory-message-store.ts";
export * from "./record-of-events.ts";
export * from "./store-probe.ts";
