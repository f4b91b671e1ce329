import { useEffect, useRef, useState } from "preact/hooks";
import { answered, pulse } from "../state/live.ts";
import { request, RequestError } from "./request.ts";

/** A page's data. While it is reloaded, and after an error, the last answer stays. */
export interface Resource<Answer> {
  readonly answer: Answer | undefined;
  readonly error: RequestError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface ResourceOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** The reload interval while the page is visible. */
  readonly everySeconds?: number;
  /** Reload whenever there may be something new. */
  readonly isLive?: boolean;
}

/** @param path `undefined`: nothing to load now */
export function useResource<Answer>(
  path: string | undefined,
  { query = {}, everySeconds, isLive = false }: ResourceOptions = {},
): Resource<Answer> {
  const key = path === undefined ? "" : `${path}?${JSON.stringify(query)}`;
  const [state, setState] = useState<{ key: string; answer?: Answer; error?: RequestError }>({ key: "" });
  const [round, setRound] = useState(0);
  const isAsking = useRef(false);
  const again = () => {
    setRound((before) => before + 1);
  };

  useEffect(() => {
    if (path === undefined) return undefined;
    const aborted = new AbortController();
    const began = performance.now();
    isAsking.current = true;
    request<Answer>(path, { query, signal: aborted.signal }).then(
      (answer) => {
        isAsking.current = false;
        if (isLive) answered(performance.now() - began);
        setState({ key, answer });
      },
      (error: unknown) => {
        if (aborted.signal.aborted || !(error instanceof RequestError)) return;
        isAsking.current = false;
        setState((before) => ({ ...(before.key === key ? before : {}), key, error }));
      },
    );
    return () => {
      aborted.abort();
    };
  }, [key, round]);

  useEffect(() => {
    if (everySeconds === undefined || path === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, everySeconds * 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [key, everySeconds]);

  // Failed requests are repeated together with live ones, so the page recovers by itself.
  const isFollowing = isLive || (state.key === key && state.error !== undefined);
  useEffect(() => {
    if (!isFollowing || path === undefined) return undefined;
    let isFirst = true;
    return pulse.subscribe(() => {
      if (!isFirst && !isAsking.current) again();
      isFirst = false;
    });
  }, [key, isFollowing]);

  const isOfThis = state.key === key;
  return {
    answer: isOfThis ? state.answer : undefined,
    error: isOfThis ? state.error : undefined,
    isLoading: !isOfThis || (state.answer === undefined && state.error === undefined),
    reload: again,
  };
}
