import { describe, expect, it } from "vitest";
import { OutboundNetworks } from "./outbound-networks.ts";

const PUBLIC = ["8.8.8.8", "203.0.112.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"];
const OWN = [
  ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1"],
  ...["224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::", "::1", "fd12::1", "fec0::1", "ff02::1"],
  ...["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "64:ff9b:1::7f00:1", "4000::1", "2001::1"],
];
const METADATA = [
  ...["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["fe80::1", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"],
];

describe("OutboundNetworks", () => {
  it("allows only public addresses by default", () => {
    const networks = new OutboundNetworks([]);
    for (const address of PUBLIC) expect(networks.allows(address), address).toBe(true);
    for (const address of [...OWN, ...METADATA, "localhost", "", "1", "127.1"])
      expect(networks.allows(address), address).toBe(false);
  });

  it("allows addresses in a configured network, in each notation", () => {
    const networks = new OutboundNetworks(["127.0.0.0/8", "10.1.2.3", "fd12::/16"]);
    for (const address of ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.1.2.3", "fd12::5"])
      expect(networks.allows(address), address).toBe(true);
    for (const address of ["10.1.2.4", "::1", "fd13::1", "169.254.169.254"])
      expect(networks.allows(address), address).toBe(false);
  });

  it("never allows link-local and metadata addresses, whatever the network", () => {
    const networks = new OutboundNetworks(["0.0.0.0/0", "::/0", "169.254.169.254", "fd00:ec2::254"]);
    for (const address of METADATA) expect(networks.allows(address), address).toBe(false);
    expect(networks.allows("192.168.1.1")).toBe(true);
    expect(networks.allows("::1")).toBe(true);
  });

  // A URL has many notations for 127.0.0.1.
  it.each(["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]", "127.0.0.1."])(
    "refuses a URL with the host %s",
    (host) => {
      expect(new OutboundNetworks([]).refusesLiteral(`http://${host}:6379/x`)).toBe(true);
    },
  );

  it("does not check names, which are checked after their resolution", () => {
    for (const host of ["localhost", "7103.api.greenapi.com", "8.8.8.8", "[2606:4700:4700::1111]"])
      expect(new OutboundNetworks([]).refusesLiteral(`https://${host}`)).toBe(false);
  });
});
