import type { Gateway } from "@ticktally/gateways";

export const NOT_JSON = Symbol("not JSON");

export function parsed(gateway: Gateway, text: string): unknown {
  try {
    return gateway.parse(text);
  } catch {
    return NOT_JSON;
  }
}
