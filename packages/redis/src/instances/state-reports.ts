import type { InstanceId, InstanceState } from "@ticktally/core";
import { storedStateReports } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { storeError } from "../connection/store-error.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";

/** Fields of META: the present state, when it was reported, and the last reports including it. Older versions know only the first two. */
const STATE_FIELDS = ["state", "stateAt", "stateReports"] as const;

/** Values of META's fields of the state, in the order in which the script compares and writes them. Empty for none. */
export type StoredState = readonly Buffer[];

export const NO_STATE: StoredState = STATE_FIELDS.map(() => Buffer.alloc(0));

export async function readState(redis: RedisClient, keys: Keys, instance: InstanceId): Promise<StoredState> {
  const values = await redis
    .hmgetBuffer(keys.instance(instance) + INSTANCE_KEYS.META, ...STATE_FIELDS)
    .catch(storeError);
  return values.map((value) => value ?? Buffer.alloc(0));
}

/** Oldest first. An unreadable part of the history is dropped, but never the present state. */
export function unpackState([state, stateAt, packed]: StoredState): readonly InstanceState[] {
  if (state === undefined || state.length === 0) return [];
  const present = { state: state.toString(), at: Number(stateAt?.toString()) };
  const parsed = storedStateReports.safeParse(packed?.toString());
  const reports = parsed.success ? parsed.data.map(([at, word]) => ({ at, state: word })) : [];
  const last = reports.at(-1);
  return last?.at === present.at && last.state === present.state ? reports : [...reports, present];
}

/** @param reports at least one */
export function packState(reports: readonly InstanceState[]): StoredState {
  const { state, at } = reports.at(-1) ?? { state: "", at: 0 };
  const packed = JSON.stringify(reports.map((report) => [report.at, report.state]));
  return [state, String(at), packed].map((text) => Buffer.from(text));
}
