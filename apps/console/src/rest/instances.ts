import type { Instance } from "@ticktally/schemas";
import { useEffect, useState } from "preact/hooks";
import { request, RequestError } from "./request.ts";
import type { Resource } from "./resource.ts";

/** More than anyone looks through; the page says that it shows no more. */
const INSTANCES_MAX = 10_000;

/** All instances that the token may see, read page by page. */
export function useAllInstances(): Resource<readonly Instance[]> {
  const [state, setState] = useState<{ answer?: readonly Instance[]; error?: RequestError }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const found: Instance[] = [];
      let cursor: string | undefined;
      do {
        const page: { instances: readonly Instance[]; nextCursor: string | null } = await request("/instances", {
          query: { cursor },
        });
        found.push(...page.instances);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && found.length < INSTANCES_MAX && !isGone);
      return found;
    };
    read().then(
      (answer) => {
        if (!isGone) setState({ answer });
      },
      (error: unknown) => {
        if (!isGone && error instanceof RequestError) setState((before) => ({ ...before, error }));
      },
    );
    return () => {
      isGone = true;
    };
  }, [round]);
  return {
    answer: state.answer,
    error: state.error,
    isLoading: state.answer === undefined && state.error === undefined,
    reload: () => {
      setRound((before) => before + 1);
    },
  };
}
