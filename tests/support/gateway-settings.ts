import { GATEWAYS } from "../../packages/gateways/src/index.ts";

/** The settings that gateway adapters declare. They are secrets; ingest reads them in addition to those of its schema. */
export const GATEWAY_SETTINGS = GATEWAYS.flatMap(({ settings }) => settings);

/** The settings that an app reads. */
export function settingsOf(app: string, schema: { readonly shape: object }): readonly string[] {
  return [...Object.keys(schema.shape), ...(app === "ingest" ? GATEWAY_SETTINGS : [])];
}
