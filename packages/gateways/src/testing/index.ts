export * from "./describe-gateway.ts";
