import type { InstanceId } from "@ticktally/core";
import { gatewayOf, type Pseudonyms } from "@ticktally/gateways";

/** What a message is kept under whose id the caller has from the gateway. */
export function keptId(instance: InstanceId, idMessage: string, pseudonyms: Pseudonyms | undefined): string {
  return pseudonyms === undefined ? idMessage : (gatewayOf(instance)?.keptId?.(idMessage, pseudonyms) ?? idMessage);
}
