import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { literalAddress, type OutboundNetworks } from "@ticktally/schemas";
import { Agent, buildConnector } from "undici";

/** The message names neither the address nor the port: the user who gave the name may read it. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super("its address is not public, and OUTBOUND_ALLOWED_NETWORKS does not name it");
  }
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects only to addresses that are allowed, and looks at the very address that is connected to: a name may resolve to another one
 * each time. No connection is made to find out, so a refusal does not tell whether anything listens there.
 * @param resolve as `dns.lookup` with `all`
 */
export function outboundAgent(networks: OutboundNetworks, resolve: typeof lookup = lookup): Agent {
  const allowed: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found: string | LookupAddress[]) => {
      if (error !== null) {
        done(error, []);
        return;
      }
      const addresses = typeof found === "string" ? [] : found.filter(({ address }) => networks.allows(address));
      const [first] = addresses;
      if (first === undefined) done(new AddressNotAllowedError(), []);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ lookup: allowed, timeout: CONNECT_TIMEOUT_MS });
  return new Agent({
    connect: (options, done) => {
      // Nothing is looked up for an address.
      const literal = literalAddress(options.hostname);
      if (literal !== undefined && !networks.allows(literal)) done(new AddressNotAllowedError(), null);
      else connect(options, done);
    },
  });
}
