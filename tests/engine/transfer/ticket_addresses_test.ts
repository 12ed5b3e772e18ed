import assert from "node:assert/strict";
import { addressesOfAttempt, addressesToTry } from "../../../src/engine/transfer/fetch/ticket_addresses.ts";

const OWN = ["127.0.0.1:9", "192.168.7.5:9", "[2001:db8:1:2::5]:9"];

Deno.test("E.22 addresses of own networks are first, private ones of others last, otherwise in order", () => {
  const addresses = [
    "10.1.2.3:1",
    "203.0.113.4:1",
    "192.168.7.200:1",
    "[fd00::1]:1",
    "[2001:db8:1:2::77]:1",
    "172.16.0.1:1",
    "[2001:db8:1:3::77]:1",
    "127.0.0.1:1",
  ];
  assert.deepEqual(addressesToTry(addresses, OWN), [
    "192.168.7.200:1",
    "[2001:db8:1:2::77]:1",
    "127.0.0.1:1",
    "203.0.113.4:1",
    "[2001:db8:1:3::77]:1",
    "10.1.2.3:1",
    "[fd00::1]:1",
    "172.16.0.1:1",
  ]);
});

Deno.test("E.22 of 1,250 addresses 16 are tried, each once, the likely ones included", () => {
  const many = Array.from({ length: 1250 }, (_, i) => `10.0.${i >> 8}.${i & 255}:1`);
  const tried = addressesToTry([...many, "192.168.7.9:1", ...many], OWN);
  assert.equal(tried.length, 16);
  assert.equal(new Set(tried).size, 16);
  assert.equal(tried[0], "192.168.7.9:1");
});

Deno.test("E.22 an attempt has at most eight addresses, and all are tried in turn", () => {
  const addresses = Array.from({ length: 16 }, (_, i) => `203.0.113.${i}:1`);
  assert.deepEqual(addressesOfAttempt(addresses, 0), addresses.slice(0, 8));
  assert.deepEqual(addressesOfAttempt(addresses, 1), addresses.slice(8));
  assert.deepEqual(addressesOfAttempt(addresses, 2), addresses.slice(0, 8));
  assert.deepEqual(addressesOfAttempt(addresses.slice(0, 10), 1), [
    ...addresses.slice(8, 10),
    ...addresses.slice(0, 6),
  ]);
  assert.deepEqual(addressesOfAttempt(addresses.slice(0, 3), 7), addresses.slice(0, 3));
});
