import { GATEWAYS } from "../../packages/gateways/src/index.ts";

/** Settings that adapters name. They are secrets, and ingest reads them besides those of its schema. */
export const GATEWAY_SETTINGS = GATEWAYS.flatMap(({ settings }) => settings);

/** The settings that an app reads. */
export function settingsOf(app: string, schema: { readonly shape: object }): readonly string[] {
  return [...Object.keys(schema.shape), ...(app === "ingest" ? GATEWAY_SETTINGS : [])];
}
