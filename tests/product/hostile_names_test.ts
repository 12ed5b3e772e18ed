// A provider of names that pli never sends, with the whole engine and with real processes: the names are refused before
// data is requested, and nothing is created.

import assert from "node:assert/strict";
import { systemClock } from "../../src/engine/clock.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { Engine, isPliError, type NameFault, parseTicket } from "../../src/engine/mod.ts";
import { MemoryNetwork } from "../fakes/memory_network.ts";
import { HostileProvider } from "./hostile_provider.ts";
import { Bench } from "./processes.ts";
import { bindIroh, realDisk } from "../system_ports.ts";

/** Lists of names, with the refused one of each, and the reason. */
const REFUSED: [line: string, names: string[], bad: string, fault: NameFault][] = [
  ["A.1", ["fine", "../escaped"], "../escaped", "dot_part"],
  ["A.1", ["a/../x"], "a/../x", "dot_part"],
  ["A.1", ["/tmp/x"], "/tmp/x", "absolute"],
  ["A.1", ["C:\\x"], "C:\\x", "backslash"],
  ["A.1", ["\\\\s\\x"], "\\\\s\\x", "backslash"],
  ["A.1", ["fine", ""], "", "empty"],
  ["A.1", ["."], ".", "dot_part"],
  ["A.1", ["a\0b"], "a\0b", "nul"],
  ["A.4", ["a", "b", "a"], "a", "duplicate"],
  ["A.4", ["a", "a/b"], "a/b", "file_and_folder"],
  ["A.4", ["a/b", "a"], "a/b", "file_and_folder"],
  ["A.5", ["a/" + "x".repeat(256)], "a/" + "x".repeat(256), "part_too_long"],
  ["A.5", [`${"x".repeat(255)}/`.repeat(16) + "x"], `${"x".repeat(255)}/`.repeat(16) + "x", "path_too_long"],
  ["A.5", ["a/".repeat(256) + "a"], "a/".repeat(256) + "a", "too_deep"],
];

for (const line of ["A.1", "A.4", "A.5"]) {
  Deno.test(`${line} names that are refused: no data is requested, no consent is asked for, nothing is created`, async () => {
    await using bench = await Bench.make();
    for (const [, names, name, fault] of REFUSED.filter(([of]) => of === line)) {
      const network = new MemoryNetwork();
      await using provider = await HostileProvider.offer(network.bind, names.map((name) => [name, "evil"]));
      const engine = new Engine({
        bind: network.bind,
        hasher: wasmHasher(),
        disk: realDisk,
        clock: systemClock,
      });
      const fetching = engine.fetch({
        ticket: parseTicket(provider.ticket),
        secretKey: crypto.getRandomValues(new Uint8Array(32)),
        relay: "disabled",
        destination: { kind: "folder", folder: bench.path("deep", "out"), existing: "merge" },
        decide: () => assert.fail("consent was asked for"),
        onEvent: () => {},
      });
      await assert.rejects(fetching, (error) => {
        assert.ok(isPliError(error, "name_refused"), String(error));
        assert.deepEqual(error.parameters, { name, fault });
        return true;
      });
      assert.equal(provider.hasDataRequest, false);
      assert.deepEqual([...Deno.readDirSync(bench.folder)], []);
    }
  });
}

Deno.test("A.1 A.4 A.5 a real pli refuses hostile names with their exit code, and creates nothing", async () => {
  await using bench = await Bench.make();
  for (const [, names, , fault] of [REFUSED[0], REFUSED[8], REFUSED[11]]) {
    await using provider = await HostileProvider.offer(bindIroh, names.map((name) => [name, "evil"]));
    const options = ["--relay", "disabled", "--yes", "--out", bench.path("deep", "out/")];
    const receiver = bench.pli(["receive", ...options, provider.ticket]);
    assert.equal(await receiver.ended(), 4, receiver.output);
    const error = receiver.events.at(-1);
    assert.ok(error?.type === "error" && error.code === "name_refused", `${fault}: ${receiver.output}`);
    assert.equal(provider.hasDataRequest, false);
    await assert.rejects(Deno.lstat(bench.path("deep")), Deno.errors.NotFound);
    await assert.rejects(Deno.lstat(bench.path("escaped")), Deno.errors.NotFound);
  }
});
