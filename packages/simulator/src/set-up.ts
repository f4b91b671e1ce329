import { RestError, type RestClient } from "./rest-client.ts";
import type { SimulatedInstance } from "./traffic/traffic.ts";

export interface SetUp {
  /** What names of instances begin with. */
  readonly prefix: string;
  /** Where their gateway answers; `undefined`: there is no such place. */
  readonly gatewayUrl?: string | undefined;
  /** 0: only when asked. */
  readonly reconcileEveryMinutes: number;
}

/** The token that the simulated gateway takes. */
export const GATEWAY_TOKEN = "simulated";

/** Register the instances of a simulation by their names, or tell those that exist where their gateway answers now. */
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
      // It is there: by a run before, or by its webhooks, which register an instance under its id.
      if (!(error instanceof RestError) || error.status !== 409) throw error;
      const known = await rest.get(`/instances/${instance.id}`).then(
        () => instance.id,
        () => name,
      );
      await rest.send("PATCH", `/instances/${known}`, { ...(known === name ? {} : { name }), ...settings });
    }
  }
}
