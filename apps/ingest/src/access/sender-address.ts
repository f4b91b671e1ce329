import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";

/** @returns who sends a request; `undefined` once its connection is gone */
export type SenderAddress = (req: IncomingMessage) => string | undefined;

/**
 * The connection's address, or behind trusted proxies the last one in `X-Forwarded-For` that is not a trusted proxy.
 * Express finds `req.ip` with the same library, but most webhooks are answered before Express sees them.
 *
 * @param trustedProxies addresses, networks, `loopback`, `linklocal`, `uniquelocal`
 */
export function senderAddress(trustedProxies: readonly string[]): SenderAddress {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  return (req) => proxyAddr(req, isTrusted);
}
