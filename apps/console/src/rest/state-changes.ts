import { useEffect, useState } from "preact/hooks";
import { request, RequestError } from "./request.ts";

export interface StateChangeOf {
  readonly instance: string;
  /** Unix ms. */
  readonly at: number;
  readonly to: string;
}

interface Answer {
  readonly instance: { readonly stateChanges?: readonly { readonly at: string; readonly to: string }[] };
}

const EVERY_MS = 60_000;

/** When instances changed their state at the gateway, oldest first. Each is asked for by itself, so `names` are to be few. */
export function useStateChanges(names: readonly string[]): readonly StateChangeOf[] {
  const key = names.join(",");
  const [found, setFound] = useState<{ readonly key: string; readonly changes: readonly StateChangeOf[] }>();
  useEffect(() => {
    let isGone = false;
    const look = () => {
      if (document.hidden) return;
      Promise.all(names.map(changesOf)).then(
        (changes) => {
          if (!isGone) setFound({ key, changes: changes.flat().sort((a, b) => a.at - b.at) });
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
  return found?.key === key ? found.changes : [];
}

async function changesOf(name: string): Promise<readonly StateChangeOf[]> {
  const path = `/instances/${encodeURIComponent(name)}`;
  const { instance } = await request<Answer>(path);
  return (instance.stateChanges ?? []).map(({ at, to }) => ({ instance: name, at: Date.parse(at), to }));
}
