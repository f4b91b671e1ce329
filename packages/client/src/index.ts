import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./openapi.ts";

export type { components, paths };

/** Ticktally's REST API, typed down to each count. */
export type TicktallyClient = Client<paths>;

export interface TicktallyOptions {
  /** Where the api answers, such as `http://127.0.0.1:8081`. */
  readonly baseUrl: string;
  /** TokenAccount, TokenInstance or a read token. */
  readonly token: string;
  /** Instead of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A thin client: `client.GET("/metrics/{instances}", { params: { path: { instances: "sales" } } })`. */
export function createTicktallyClient({ baseUrl, token, fetch }: TicktallyOptions): TicktallyClient {
  return createClient<paths>({ baseUrl, headers: { token }, ...(fetch === undefined ? {} : { fetch }) });
}
