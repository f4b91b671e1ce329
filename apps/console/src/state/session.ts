import { signal } from "@preact/signals";
import { request, RequestError, signedOut } from "../rest/request.ts";

export interface Session {
  readonly kind: "account" | "read" | "instance";
  readonly name: string;
  readonly idInstance: string | null;
}

/** Who is signed in; `null` for nobody, `undefined` until known. */
export const session = signal<Session | null | undefined>(undefined);

export async function loadSession(): Promise<void> {
  try {
    session.value = (await request<{ session: Session }>("/session")).session;
    signedOut.value = false;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.status === 401) session.value = null;
    else throw error;
  }
}

/** @throws {RequestError} */
export async function signIn(token: string): Promise<void> {
  session.value = (await request<{ session: Session }>("/session", { method: "POST", body: { token } })).session;
  signedOut.value = false;
}

export async function signOut(): Promise<void> {
  await request("/session", { method: "DELETE" }).catch(() => undefined);
  session.value = null;
}

/** Whether this token may change things. */
export function mayChange(): boolean {
  return session.value?.kind === "account";
}
