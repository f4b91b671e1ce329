import type { InstanceDetails } from "@ticktally/schemas";
import { useEffect, useState } from "preact/hooks";
import { request, RequestError } from "./request.ts";

/** A period in which an instance was not signed in at its gateway. */
export interface Outage {
  readonly instance: string;
  /** What the gateway reported first. */
  readonly state: string;
  /** Unix ms. */
  readonly from: number;
  /** `undefined` if it still lasts. */
  readonly to: number | undefined;
}

const EVERY_MS = 60_000;

/** When instances were not signed in, oldest first. This is one request per instance, so pass only a few names. */
export function useOutages(names: readonly string[]): readonly Outage[] {
  const key = names.join(",");
  const [found, setFound] = useState<{ readonly key: string; readonly outages: readonly Outage[] }>();
  useEffect(() => {
    let isGone = false;
    const look = () => {
      if (document.hidden) return;
      Promise.all(names.map(outagesOf)).then(
        (outages) => {
          if (!isGone) setFound({ key, outages: outages.flat().sort((a, b) => a.from - b.from) });
        },
        (error: unknown) => {
          // The chart works without it; its own request shows errors.
          if (!(error instanceof RequestError)) throw error;
        },
      );
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [key]);
  return found?.key === key ? found.outages : [];
}

async function outagesOf(name: string): Promise<readonly Outage[]> {
  const path = `/instances/${encodeURIComponent(name)}`;
  const { instance } = await request<{ instance: InstanceDetails }>(path);
  const outages: Outage[] = [];
  let began: Outage | undefined;
  for (const { at, to } of instance.stateChanges.toReversed()) {
    if (to !== "authorized") began ??= { instance: name, state: to, from: Date.parse(at), to: undefined };
    else if (began !== undefined) {
      outages.push({ ...began, to: Date.parse(at) });
      began = undefined;
    }
  }
  return began === undefined ? outages : [...outages, began];
}
