import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import type { SenderAddress } from "./sender-address.ts";

/** Where webhooks are accepted from: from everywhere, or from the networks in `WEBHOOK_ALLOWED_IPS`. */
export class WebhookSources {
  readonly #allowed: BlockList | undefined;
  readonly #senderAddress: SenderAddress;

  /** @param networks addresses and networks (`203.0.113.7`, `2001:db8::/32`); empty for everywhere */
  constructor(networks: readonly string[], senderAddress: SenderAddress) {
    this.#senderAddress = senderAddress;
    if (networks.length === 0) return;
    this.#allowed = new BlockList();
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = familyOf(address);
      if (bits === undefined) this.#allowed.addAddress(address, family);
      else this.#allowed.addSubnet(address, Number(bits), family);
    }
  }

  /** An IPv4 address that arrives as IPv6 (`::ffff:203.0.113.7`) is the same address. */
  allow(req: IncomingMessage): boolean {
    if (this.#allowed === undefined) return true;
    const address = this.#senderAddress(req) ?? "";
    // A trusted proxy may report something that is not an address.
    return isIP(address) !== 0 && this.#allowed.check(address, familyOf(address));
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
