export * from "./stored.ts";
