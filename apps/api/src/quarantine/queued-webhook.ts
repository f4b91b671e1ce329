import type { InstanceId } from "@ticktally/core";
import { DEFAULT_GATEWAY, gatewayNamed, type Gateway } from "@ticktally/gateways";
import type { QueuedWebhook } from "@ticktally/schemas";

/** The instance of a queued webhook; `undefined` if it names none or cannot be read. */
export function queuedInstance({ gateway: name, text }: QueuedWebhook): InstanceId | undefined {
  const gateway = namedGateway(name);
  try {
    return gateway?.split(gateway.parse(text)).find(({ instance }) => instance !== undefined)?.instance;
  } catch {
    return undefined;
  }
}

/** @param name as lines and quarantine entries have it: none for the default one */
export function namedGateway(name: string | undefined): Gateway | undefined {
  return name === undefined ? DEFAULT_GATEWAY : gatewayNamed(name);
}
