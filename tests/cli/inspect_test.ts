import { deepStrictEqual, match, strictEqual } from "node:assert";
import { formatTicket } from "../../src/engine/mod.ts";
import { OFFER } from "./fake_share.ts";
import { inWorld, TICKET } from "./fake_world.ts";

Deno.test("inspect: says what the ticket says, without the engine or a home", async () => {
  await inWorld(["inspect", TICKET], { environment: { PLI_HOME: "/dev/null/no" } }, (exit, world) => {
    strictEqual(exit, 0);
    strictEqual(
      world.output.text,
      [
        "kind       files with names",
        `endpoint   ${"07".repeat(32)}`,
        "relay      https://relay.example.org/",
        "addresses  none",
        `hash       ${"09".repeat(32)}`,
        "",
      ].join("\n"),
    );
  });
});

Deno.test("inspect: a ticket with nothing but an id says how its sender is found", async () => {
  const bare = { endpointId: new Uint8Array(32), relayUrl: null, addresses: [], hash: new Uint8Array(32) };
  await inWorld(["inspect", formatTicket({ ...bare, format: "raw" })], {}, (_exit, world) => {
    match(world.output.text, /kind {7}bare data/);
    match(world.output.text, /relay {6}found through the lookup service/);
  });
  const local = formatTicket({ ...bare, addresses: ["10.0.0.2:4433"], format: "raw" });
  await inWorld(["inspect", local], {}, (_exit, world) => {
    match(world.output.text, /relay {6}none\naddresses {2}10\.0\.0\.2:4433/);
  });
});

Deno.test("inspect: --remote asks for every name and size", async () => {
  const engine = { inspect: () => Promise.resolve(OFFER) };
  await inWorld(["inspect", "--remote", TICKET], { engine }, (exit, world) => {
    strictEqual(exit, 0);
    match(
      world.output.text,
      /holiday\/a\.jpg {2}1\.0 kB\n {2}holiday\/b\.jpg {2}2\.0 kB\n2 files, 3\.0 kB\n$/,
    );
  });
});

Deno.test("inspect: JSON has the same in two lines", async () => {
  const engine = { inspect: () => Promise.resolve(OFFER) };
  await inWorld(["inspect", "--remote", "--json", TICKET], { engine }, (_exit, world) => {
    const [said, brings] = world.json();
    deepStrictEqual(said, {
      v: 1,
      type: "inspection",
      ticket: TICKET,
      format: "hash_sequence",
      id: "07".repeat(32),
      relayUrl: "https://relay.example.org/",
      addresses: [],
      hash: "09".repeat(32),
    });
    deepStrictEqual(brings, { v: 1, type: "manifest", files: OFFER.files, bytes: 3_000 });
  });
});
