import { strictEqual } from "node:assert";
import { bindAddressFault } from "../../src/app/bind_address.ts";

const INTERFACES = () => [
  { address: "127.0.0.1", netmask: "255.0.0.0" },
  { address: "10.1.5.7", netmask: "255.255.252.0" },
  { address: "192.0.2.1", netmask: "255.255.255.255" },
  { address: "198.51.100.4", netmask: "255.255.255.254" },
  { address: "fe80::1", netmask: "ffff:ffff:ffff:ffff::" },
];

Deno.test("--bind: an address of one computer is taken", () => {
  for (
    const text of [
      "0.0.0.0:0",
      "127.0.0.1:1",
      "10.1.5.7:4433",
      "10.1.5.255:0",
      "192.0.2.1:0",
      "198.51.100.5:0",
      "223.255.255.255:0",
      "[::]:0",
      "[fe80::1%eth0]:1",
      "[::ffff:10.1.5.7]:0",
    ]
  ) {
    strictEqual(bindAddressFault(text, INTERFACES), null, text);
  }
});

Deno.test("--bind: multicast and broadcast addresses are refused", () => {
  for (
    const text of [
      "255.255.255.255:0",
      "224.0.0.1:0",
      "239.255.255.250:1900",
      "10.1.7.255:0",
      "127.255.255.255:0",
      "[ff02::1]:0",
      "[ff05::2%eth0]:4433",
      "[::ffff:224.0.0.1]:0",
      "[::ffff:255.255.255.255]:0",
    ]
  ) {
    strictEqual(bindAddressFault(text, INTERFACES), "own_address", text);
  }
  strictEqual(bindAddressFault("255.255.255.255:0"), "own_address");
});
