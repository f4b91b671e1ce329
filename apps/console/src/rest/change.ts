import { useState } from "preact/hooks";
import { RequestError } from "./request.ts";

export interface Change {
  /** Why the last change failed; "" if it did not. */
  readonly fault: string;
  readonly isBusy: boolean;
  /** @returns its result; `undefined` if it failed */
  readonly make: <Result>(what: () => Promise<Result>) => Promise<Result | undefined>;
}

/** A change made by a form or a button: whether it is running, and why it failed. */
export function useChange(): Change {
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  return {
    fault,
    isBusy,
    make: async (what) => {
      setBusy(true);
      setFault("");
      try {
        return await what();
      } catch (error) {
        setFault(error instanceof RequestError ? error.message : "That did not work. Try again.");
        return undefined;
      } finally {
        setBusy(false);
      }
    },
  };
}
