import { effect, signal } from "@preact/signals";
import type { Instance } from "@ticktally/schemas";
import { session } from "../state/session.ts";
import { request, RequestError } from "./request.ts";

/** More than a user reads; the page says that the list is cut. */
export const INSTANCES_MAX = 10_000;
const EVERY_MS = 30_000;

interface Instances {
  readonly answer: readonly Instance[] | undefined;
  readonly error: RequestError | undefined;
}

/** All instances the token may see, read in one place because several parts of the page need them. */
export const allInstances = signal<Instances>({ answer: undefined, error: undefined });

export function reloadInstances(): void {
  if (session.peek() === null || session.peek() === undefined) return;
  read().then(
    (answer) => {
      allInstances.value = { answer, error: undefined };
    },
    (error: unknown) => {
      if (error instanceof RequestError) allInstances.value = { ...allInstances.peek(), error };
    },
  );
}

/** Read after sign-in, and again from time to time. */
export function startInstances(): void {
  effect(() => {
    if (session.value === null || session.value === undefined)
      allInstances.value = { answer: undefined, error: undefined };
    else reloadInstances();
  });
  setInterval(() => {
    if (!document.hidden) reloadInstances();
  }, EVERY_MS);
}

/** In pages. */
async function read(): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  let cursor: string | undefined;
  do {
    const page: { instances: readonly Instance[]; nextCursor: string | null } = await request("/instances", {
      query: { cursor },
    });
    found.push(...page.instances);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && found.length < INSTANCES_MAX);
  return found;
}
