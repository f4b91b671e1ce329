import type { QuarantineReason } from "@ticktally/core";
import { cutJson } from "./json/cut-json.ts";
import { DEFAULT_GATEWAY, gatewayNamed } from "./registry.ts";

interface Quarantined {
  readonly reason: QuarantineReason;
  readonly text: string;
  /** By its name; none for the default one. */
  readonly gateway?: string | undefined;
}

/**
 * The part of a webhook that is kept in quarantine: everything of a short one, and only the counted fields of a long one. It is JSON, so it
 * can be replayed, and limited in bytes.
 */
export function quarantinedText({ reason, text, gateway }: Quarantined, bytesMax: number): string {
  if (text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax) return text;
  return cutJson(reason === "job_unreadable" ? text : withoutContent(text, gateway), bytesMax);
}

function withoutContent(text: string, name: string | undefined): string {
  const gateway = name === undefined ? DEFAULT_GATEWAY : gatewayNamed(name);
  try {
    const [part] = gateway?.split(gateway.parse(text)) ?? [];
    return gateway === undefined || part === undefined ? text : gateway.withoutContent(part);
  } catch {
    return text;
  }
}
