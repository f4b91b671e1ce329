import { isIP } from "node:net";
import { z } from "zod";

/** Addresses and networks, separated by commas: `203.0.113.7, 2001:db8::/32`. Empty: none. */
export const networkList = listOf(
  isNetwork,
  "must be addresses or networks separated by commas, such as 203.0.113.7, 10.0.0.0/8",
);

/**
 * Networks of the proxies in front, or Express's names for them. Trusting every address is not allowed: any client could then claim any
 * address.
 */
const NAMED = ["loopback", "linklocal", "uniquelocal"];
export const proxyList = listOf(
  (item) => isNetwork(item) || NAMED.includes(item),
  `must be addresses, networks, ${NAMED.slice(0, -1).join(", ")} or ${NAMED.at(-1) ?? ""}, separated by commas`,
);

function listOf(isItem: (item: string) => boolean, message: string) {
  return z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .pipe(z.array(z.string().refine(isItem, message)));
}

function isNetwork(item: string): boolean {
  const [address = "", bits, ...more] = item.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
