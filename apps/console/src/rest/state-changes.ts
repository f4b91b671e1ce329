import type { InstanceDetails } from "@ticktally/schemas";
import { useEffect, useState } from "preact/hooks";
import { request, RequestError } from "./request.ts";

/** An instance was not signed in at its gateway for a while. */
export interface Outage {
  readonly instance: string;
  /** What the gateway reported first. */
  readonly state: string;
  /** Unix ms. */
  readonly from: number;
  /** `undefined`: it lasts. */
  readonly to: number | undefined;
}

const EVERY_MS = 60_000;

/** When instances were not signed in, oldest first. Each is asked for by itself, so `names` are to be few. */
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
          // The chart is as good without: what is wrong shows in what it draws.
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
