import { deepStrictEqual, match, strictEqual } from "node:assert";
import { formatTicket } from "../../src/engine/mod.ts";
import { OFFER } from "./fake_share.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";

Deno.test("inspect: shows the content of the ticket, without the engine or a home", async () => {
  await withFixture(["inspect", TICKET], { environment: { PLI_HOME: "/dev/null/no" } }, (exit, fixture) => {
    strictEqual(exit, 0);
    strictEqual(
      fixture.output.text,
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

Deno.test("inspect: for a ticket with an id alone, shows how the sender is found", async () => {
  const bare = { endpointId: new Uint8Array(32), relayUrl: null, addresses: [], hash: new Uint8Array(32) };
  await withFixture(["inspect", formatTicket({ ...bare, format: "raw" })], {}, (_exit, fixture) => {
    match(fixture.output.text, /kind {7}bare data/);
    match(fixture.output.text, /relay {6}found through the lookup service/);
  });
  const local = formatTicket({ ...bare, addresses: ["10.0.0.2:4433"], format: "raw" });
  await withFixture(["inspect", local], {}, (_exit, fixture) => {
    match(fixture.output.text, /relay {6}none\naddresses {2}10\.0\.0\.2:4433/);
  });
});

Deno.test("inspect: --remote requests all names and sizes", async () => {
  const engine = { inspect: () => Promise.resolve(OFFER) };
  await withFixture(["inspect", "--remote", TICKET], { engine }, (exit, fixture) => {
    strictEqual(exit, 0);
    match(
      fixture.output.text,
      /holiday\/a\.jpg {2}1\.0 kB\n {2}holiday\/b\.jpg {2}2\.0 kB\n2 files in 1 folder, 3\.0 kB\n$/,
    );
  });
});

Deno.test("E.24 inspect: --remote lists hidden names", async () => {
  const consents = [
    { reason: "dot_file" as const, name: "p/.git", places: 1, files: 312 },
    { reason: "dot_file" as const, name: "p/a/.npmrc", places: 40, files: 40 },
  ];
  const engine = { inspect: () => Promise.resolve({ ...OFFER, hiddenFiles: 352, consents }) };
  await withFixture(["inspect", "--remote", TICKET], { engine }, (_exit, fixture) => {
    match(fixture.output.text, /\n {2}p\/\.git: hidden, 312 files\n/);
    match(fixture.output.text, /\n {2}p\/a\/\.npmrc: hidden, 40 files in 40 places\n$/);
  });
});

Deno.test("inspect: JSON has the same in two lines", async () => {
  const engine = { inspect: () => Promise.resolve(OFFER) };
  await withFixture(["inspect", "--remote", "--json", TICKET], { engine }, (_exit, fixture) => {
    const [said, brings] = fixture.json();
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
    deepStrictEqual(brings, {
      v: 1,
      type: "manifest",
      files: OFFER.files,
      bytes: 3_000,
      folders: 1,
      hiddenFiles: 0,
    });
  });
});
