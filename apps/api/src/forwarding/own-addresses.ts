/** The addresses of this Ticktally, as far as a process knows them. */
export interface OwnAddresses {
  /** The address of ingest for gateways. */
  readonly publicUrl: string | undefined;
  /** Of Redis, its nodes and sentinels. */
  readonly redis: readonly string[];
  /** Ports of this machine that our processes listen on. */
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;

/**
 * Whether a target's address leads back to ingest, to this process or to Redis. Only an early check: a name may resolve to anything, and
 * ingest refuses what Ticktally sent itself.
 */
export function leadsToUs(url: string, { publicUrl, redis, hosts, ports }: OwnAddresses): boolean {
  const target = new URL(url);
  const [host, port] = [hostOf(target), portOf(target)];
  const nodes = redis.filter((node) => URL.canParse(node)).map((node) => new URL(node));
  if (nodes.some((node) => host === hostOf(node) && port === portOf(node))) return true;
  if ((host === "localhost" || hosts.includes(host)) && ports.includes(port)) return true;
  return publicUrl !== undefined && leadsBack(target, new URL(publicUrl));
}

/** Another path on the same host may be a valid receiver. */
function leadsBack(target: URL, own: URL): boolean {
  const base = own.pathname.replace(/\/$/, "");
  return hostOf(target) === hostOf(own) && `${target.pathname}/`.startsWith(`${base}/webhooks/`);
}

/** All names of this machine become `localhost`. */
function hostOf({ hostname }: URL): string {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return LOOPBACK.test(host) ? "localhost" : host;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "redis:": 6379, "rediss:": 6379 };

function portOf({ port, protocol }: URL): number {
  return port === "" ? (PORTS[protocol] ?? 0) : Number(port);
}
