import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction, Socket } from "node:net";
import { literalAddress, type OutboundNetworks } from "@ticktally/schemas";
import { Agent, buildConnector } from "undici";

/** The message names neither the address nor the port, because the user who set the name can read it. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super("its address is not public, and OUTBOUND_ALLOWED_NETWORKS does not name it");
  }
}

interface AgentOptions {
  /** Same as `dns.lookup` with `all`. */
  readonly resolve?: typeof lookup;
  /** Requests per connection. Default: any number. */
  readonly receivedBytesPerSecondMax?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects only to allowed addresses. It checks the very address that it connects to, because a name may resolve to another one each time.
 * The check needs no connection, so a refusal does not reveal whether anything listens there.
 */
export function outboundAgent(
  networks: OutboundNetworks,
  { resolve = lookup, receivedBytesPerSecondMax }: AgentOptions = {},
): Agent {
  const found = sharedLookup(resolve);
  const allowed: LookupFunction = (hostname, options, done) => {
    found(hostname).then(
      (all) => {
        const addresses = all.filter(({ address }) => networks.allows(address));
        const [first] = addresses;
        if (first === undefined) done(new AddressNotAllowedError(), []);
        else if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error("the name cannot be resolved"), []),
    );
  };
  const connect = buildConnector({ lookup: allowed, timeout: CONNECT_TIMEOUT_MS });
  return new Agent({
    connect: (options, done) => {
      // A literal address needs no lookup.
      const literal = literalAddress(options.hostname);
      if (literal !== undefined && !networks.allows(literal)) done(new AddressNotAllowedError(), null);
      else
        connect(options, (error, socket) => {
          if (error !== null) {
            done(error, null);
            return;
          }
          if (receivedBytesPerSecondMax !== undefined) limitReceived(socket, receivedBytesPerSecondMax);
          done(null, socket);
        });
    },
  });
}

/**
 * Concurrent lookups of one name share an answer. Node resolves names in four threads that everything shares: ten lanes of a target whose
 * name server does not answer would otherwise block all others.
 */
function sharedLookup(resolve: typeof lookup): (hostname: string) => Promise<readonly LookupAddress[]> {
  const asked = new Map<string, Promise<readonly LookupAddress[]>>();
  return async (hostname) => {
    const known = asked.get(hostname);
    if (known !== undefined) return known;
    const answer = new Promise<readonly LookupAddress[]>((found, failed) => {
      resolve(hostname, { all: true }, (error, all) => {
        asked.delete(hostname);
        if (error === null) found(all);
        else failed(error);
      });
    });
    asked.set(hostname, answer);
    return answer;
  };
}

/** Data that the parser accepts without a limit (informational answers, chunk extensions) would keep the process busy. */
function limitReceived(socket: Socket, bytesPerSecondMax: number): void {
  let [since, before] = [performance.now(), socket.bytesRead];
  socket.on("readable", () => {
    if (performance.now() - since > 1_000) [since, before] = [performance.now(), socket.bytesRead];
    if (socket.bytesRead - before > bytesPerSecondMax) socket.destroy(new TooMuchReceivedError());
  });
}

class TooMuchReceivedError extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("the other side sends too much");
  }
}
