import { RestError, type RestClient } from "./rest-client.ts";
import type { SimulatedInstance } from "./traffic/traffic.ts";

export interface SetUp {
  /** Prefix of the instances' names. */
  readonly prefix: string;
  /** Address of their gateway's API; `undefined` if it has none. */
  readonly gatewayUrl?: string | undefined;
  /** 0: only on request. */
  readonly reconcileEveryMinutes: number;
}

/** The token that the simulated gateway accepts. */
export const GATEWAY_TOKEN = "simulated";

/** Register the instances of a simulation by their names, or update the gateway's address of existing ones. */
export async function setUpInstances(
  rest: RestClient,
  instances: readonly SimulatedInstance[],
  { prefix, gatewayUrl, reconcileEveryMinutes }: SetUp,
): Promise<void> {
  const upstream =
    gatewayUrl === undefined
      ? undefined
      : { apiUrl: gatewayUrl, apiTokenInstance: GATEWAY_TOKEN, reconcileEveryMinutes };
  for (const instance of instances) {
    const settings = upstream === undefined || !instance.shape.hasJournal ? {} : { settings: { upstream } };
    const name = prefix + instance.name;
    try {
      await rest.send("POST", "/instances", { idInstance: instance.id, name, ...settings });
    } catch (error) {
      // It exists: from an earlier run, or because its webhooks registered it under its id.
      if (!(error instanceof RestError) || error.status !== 409) throw error;
      const known = await rest.get(`/instances/${instance.id}`).then(
        () => instance.id,
        () => name,
      );
      await rest.send("PATCH", `/instances/${known}`, { ...(known === name ? {} : { name }), ...settings });
    }
  }
}
