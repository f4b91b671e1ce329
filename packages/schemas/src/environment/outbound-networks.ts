import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/**
 * Which addresses Ticktally may connect to when a user of the API chose the address, such as an instance's upstream: public ones, and those
 * that `OUTBOUND_ALLOWED_NETWORKS` names. Link-local addresses, and those where clouds serve credentials, are never allowed.
 */
export class OutboundNetworks {
  readonly #allowed: readonly Network[];

  /** @param networks addresses and networks, as `networkList` takes them */
  constructor(networks: readonly string[]) {
    this.#allowed = networks.map(networkOf);
  }

  /** @param address as a resolver returns it; anything else is not allowed */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const meant = withoutWrapping(ipaddr.process(address));
    if (meant.range() === "linkLocal" || isIn(meant, NEVER)) return false;
    return isPublic(meant) || isIn(meant, this.#allowed);
  }

  /** Whether a URL contains a literal address that is not allowed. A name is checked when it is resolved to connect. */
  refusesLiteral(url: string): boolean {
    const address = literalAddress(new URL(url).hostname);
    return address !== undefined && !this.allows(address);
  }
}

/** @param hostname of a parsed URL, in which every spelling of an IPv4 address has become dotted decimal @returns `undefined` for a name */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? undefined : bare;
}

/** Metadata services of clouds at addresses that are not link-local: AWS, Google, Alibaba, Azure, Oracle. */
const NEVER = ["fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"].map(networkOf);

/** The global unicast addresses of IANA, https://www.iana.org/assignments/ipv6-address-space. All others are unassigned. */
const GLOBAL_IPV6 = networkOf("2000::/3");

function isPublic(address: Address): boolean {
  return address.range() === "unicast" && (address instanceof ipaddr.IPv4 || isIn(address, [GLOBAL_IPV6]));
}

function isIn(address: Address, networks: readonly Network[]): boolean {
  return networks.some((network) => network[0].kind() === address.kind() && address.match(network));
}

function networkOf(network: string): Network {
  const [address = "", bits] = network.split("/");
  const parsed = ipaddr.parse(address);
  return [parsed, bits === undefined ? 8 * parsed.toByteArray().length : Number(bits)];
}

const NAT64 = networkOf("64:ff9b::/96");
const SIX_TO_FOUR = networkOf("2002::/16");

/** The IPv4 address that is embedded in an IPv6 one (NAT64 of RFC 6052, 6to4). IPv4-mapped ones are IPv4 already. */
function withoutWrapping(address: Address): Address {
  const bytes = address.toByteArray();
  if (isIn(address, [NAT64])) return ipaddr.fromByteArray(bytes.slice(12));
  return isIn(address, [SIX_TO_FOUR]) ? ipaddr.fromByteArray(bytes.slice(2, 6)) : address;
}
