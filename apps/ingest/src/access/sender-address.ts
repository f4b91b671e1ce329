import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";

/** @returns the sender's address; `undefined` once its connection is closed */
export type SenderAddress = (req: IncomingMessage) => string | undefined;

/**
 * The connection's address, or behind trusted proxies the last one in `X-Forwarded-For` that is not a trusted proxy. Express derives
 * `req.ip` with the same library, but most webhooks are answered before they reach Express.
 *
 * @param trustedProxies addresses, networks, `loopback`, `linklocal`, `uniquelocal`
 */
export function senderAddress(trustedProxies: readonly string[]): SenderAddress {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (req) => proxyAddr(req, isTrusted);
}
