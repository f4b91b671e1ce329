export * from "./http-server.ts";
export * from "./logger.ts";
export * from "./ops-server.ts";
export * from "./registry.ts";
export * from "./request-id.ts";
export * from "./shutdown.ts";
export * from "./start.ts";
export * from "./tracing.ts";
