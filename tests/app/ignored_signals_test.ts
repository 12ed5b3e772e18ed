import { deepStrictEqual } from "node:assert";
import { fromMask, fromTraps } from "../../src/app/ignored_signals.ts";

Deno.test("E.13 ignored signals are read from Linux's mask and from what a shell prints", () => {
  const masks: [string, string[]][] = [
    ["0000000000001000", []],
    ["0000000000001001", ["SIGHUP"]],
    ["0000000000000003", ["SIGHUP", "SIGINT"]],
    ["ffffffffffffffff", ["SIGHUP", "SIGINT", "SIGTERM"]],
    ["0000000000004000", ["SIGTERM"]],
    ["0000000000000004", []],
  ];
  for (const [mask, names] of masks) {
    const status = `Name:\tpli\nSigBlk:\tffffffffffffffff\nSigIgn:\t${mask}\nSigCgt:\t0000000000000000\n`;
    deepStrictEqual([...fromMask(status)], names, mask);
  }
  deepStrictEqual([...fromMask("")], []);
  const printed = "trap -- '' HUP\ntrap -- 'echo INT' SIGINT\ntrap -- '' SIGTERM\ntrap -- '' QUIT\n";
  deepStrictEqual([...fromTraps(printed)], ["SIGHUP", "SIGTERM"]);
  deepStrictEqual([...fromTraps("")], []);
});
