import type { InstanceId } from "@ticktally/core";
import type { Gateway, GatewaySecrets } from "./gateway.ts";
import { greenApi } from "./green-api/green-api.ts";
import { meta } from "./meta/meta.ts";

/** All adapters. To add a gateway, add its line here. */
export const GATEWAYS: readonly Gateway[] = [greenApi, meta];

/** The gateway of queued lines and quarantine entries without a gateway's name, and of instances whose ids are only digits. */
export const DEFAULT_GATEWAY: Gateway = greenApi;

const BY_NAME: ReadonlyMap<string, Gateway> = new Map(GATEWAYS.map((gateway) => [gateway.name, gateway]));

export function gatewayNamed(name: string): Gateway | undefined {
  return BY_NAME.get(name);
}

/** The gateway in an instance's id. */
export function gatewayOf(instance: InstanceId): Gateway | undefined {
  const colon = instance.indexOf(":");
  return colon === -1 ? DEFAULT_GATEWAY : gatewayNamed(instance.slice(0, colon));
}

/** Whether a gateway has all the settings it needs. */
export function isSwitchedOn({ settings }: Pick<Gateway, "settings">, setting: GatewaySecrets["setting"]): boolean {
  return settings.every((name) => setting(name) !== undefined);
}
