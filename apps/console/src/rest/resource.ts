import { useEffect, useRef, useState } from "preact/hooks";
import { request, RequestError } from "./request.ts";

/** What a page asked for. While it is asked again, and after an error, the last answer stays. */
export interface Resource<Answer> {
  readonly answer: Answer | undefined;
  readonly error: RequestError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface ResourceOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Asked again so often while the page is visible. */
  readonly everySeconds?: number;
}

/** @param path `undefined`: nothing is asked for now */
export function useResource<Answer>(
  path: string | undefined,
  { query = {}, everySeconds }: ResourceOptions = {},
): Resource<Answer> {
  const key = path === undefined ? "" : `${path}?${JSON.stringify(query)}`;
  const [state, setState] = useState<{ key: string; answer?: Answer; error?: RequestError }>({ key: "" });
  const [round, setRound] = useState(0);
  const shown = useRef(state);
  shown.current = state;

  useEffect(() => {
    if (path === undefined) return undefined;
    const aborted = new AbortController();
    request<Answer>(path, { query, signal: aborted.signal }).then(
      (answer) => {
        setState({ key, answer });
      },
      (error: unknown) => {
        if (aborted.signal.aborted || !(error instanceof RequestError)) return;
        const { current } = shown;
        setState({ ...(current.key === key ? current : {}), key, error });
      },
    );
    return () => {
      aborted.abort();
    };
  }, [key, round]);

  useEffect(() => {
    if (everySeconds === undefined || path === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) setRound((before) => before + 1);
    }, everySeconds * 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [key, everySeconds]);

  const isOfThis = state.key === key;
  return {
    answer: isOfThis ? state.answer : undefined,
    error: isOfThis ? state.error : undefined,
    isLoading: !isOfThis || (state.answer === undefined && state.error === undefined),
    reload: () => {
      setRound((before) => before + 1);
    },
  };
}
