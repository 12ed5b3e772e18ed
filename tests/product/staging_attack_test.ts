// E.19: another user of this computer with the ticket can write to the destination, and creates the staging folder in
// advance, or replaces it repeatedly. Needs root, for a second user.

import assert from "node:assert/strict";
import { needing, NO_ADDON, NOT_ROOT, unlessSucceeds, withoutStock } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { noise, readTree, type Tree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const OTHER_UID = "65534";
const AS_OTHER = ["setpriv", "--reuid", OTHER_UID, "--regid", OTHER_UID, "--clear-groups"];
const RUNS = Number(Deno.env.get("PLI_STAGING_RUNS") ?? (Deno.env.get("PLI_LONG") ? 40 : 4));
const SENT: Tree = {
  "a": noise(20_000, 1),
  "large.bin": noise(6_000_000, 2),
  ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`small/${at}`, noise(500 + at, at + 3)])),
};
const THEIRS = "theirs";

/** Replaces every staging folder by another one, repeatedly, until it is stopped. */
const SWAPPER = `
  while :; do
    for folder in "$1"/.pli-*; do
      [ -O "$folder" ] && continue
      mv "$folder" "$1/gone.$$.$RANDOM" 2>/dev/null || continue
      mkdir -p "$folder/files/t/small" && chmod -R 777 "$folder"
      for file in t/a t/large.bin t/small/1; do printf ${THEIRS} > "$folder/files/$file"; done
    done
  done`;

const NO_OTHER_USER = NOT_ROOT ??
  await unlessSucceeds("no program can be run as another user", ...AS_OTHER as [string], "true");

/** A served share, and a destination that all users can write to. */
async function offeredIntoShared(bench: Bench): Promise<{ out: string; ticket: string; hash: string }> {
  await writeTree(bench.path("t"), SENT);
  const out = bench.path("out");
  await Deno.chmod(bench.folder, 0o755);
  await Deno.mkdir(out);
  await Deno.chmod(out, 0o1777);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
  const { ticket, hash } = await sender.event("ticket");
  return { out, ticket, hash };
}

Deno.test({
  ...needing(
    "E.19 a staging folder that another user has made is not used, and that is reported",
    NO_OTHER_USER,
  ),
  async fn() {
    await using bench = await Bench.make();
    const { out, ticket, hash } = await offeredIntoShared(bench);
    const staging = `${out}/.pli-${hash.slice(0, 16)}`;
    const [program, ...args] = [
      ...AS_OTHER,
      "sh",
      "-c",
      `mkdir -p ${staging}/files/t && chmod -R 777 ${staging}`,
    ];
    assert.equal(await bench.run(program, [...args]).ended(), 0);
    const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    const refused = receiver.events.find(({ type }) => type === "staging_refused");
    assert.ok(refused?.type === "staging_refused", receiver.output);
    assert.deepEqual([refused.path, refused.reason], [staging, "other_owner"]);
    await assertArrived(out);
  },
});

Deno.test({
  ...needing("E.19 two users receive the same into a folder that all can write to", NO_OTHER_USER),
  async fn() {
    await using bench = await Bench.make();
    const { out, ticket, hash } = await offeredIntoShared(bench);
    // A private folder of root, like that of a running or interrupted pli.
    const staging = `${out}/.pli-${hash.slice(0, 16)}-${"0".repeat(32)}`;
    await Deno.mkdir(staging, { mode: 0o700 });
    await Deno.writeTextFile(`${staging}/lock`, "");
    const home = bench.path("home");
    await Deno.mkdir(home, { mode: 0o700 });
    await Deno.chown(home, Number(OTHER_UID), Number(OTHER_UID));
    const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket], {
      home,
      wrapper: AS_OTHER,
      // A program as one file unpacks itself into a folder of its user.
      env: { PLI_UNPACK: `${home}/unpacked` },
    });
    assert.equal(await receiver.ended(), 0, receiver.output);
    await assertArrived(out);
  },
});

for (const binding of ["native", "stock"]) {
  Deno.test({
    ...needing(
      `E.19 ${RUNS} receives while another user replaces the staging folder (${binding}): no wrong file is published`,
      NO_OTHER_USER,
      binding === "native" ? NO_ADDON : withoutStock(),
    ),
    async fn() {
      await using bench = await Bench.make();
      await writeTree(bench.path("t"), SENT);
      await Deno.chmod(bench.folder, 0o755);
      const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
      const { ticket } = await sender.event("ticket");
      let [whole, refused] = [0, 0];
      for (let run = 0; run < RUNS; run++) {
        const out = bench.path(`out${run}`);
        await writeTree(out, { "t/kept": noise(5) });
        await Deno.chmod(out, 0o777);
        const [program, ...args] = [...AS_OTHER, "bash", "-c", SWAPPER, "bash", out];
        const swapper = bench.run(program, args);
        const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket], {
          env: { PLI_BINDING: binding },
        });
        const code = await receiver.ended();
        await swapper.stop();
        const tree = await readTree(`${out}/t`);
        for (const [name, bytes] of Object.entries(tree)) {
          if (name === "kept") continue;
          assert.ok(
            Buffer.from(bytes).equals(SENT[name] ?? new Uint8Array(1)),
            `${name} is wrong, exit code ${code}`,
          );
        }
        if (code === 0) {
          await assertArrived(out);
          whole++;
        } else refused++;
      }
      const text = `E.19 ${binding}: ${whole} whole, ${refused} ended with an error, 0 wrong files\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(text));
    },
  });
}

async function assertArrived(out: string): Promise<void> {
  const tree = await readTree(`${out}/t`);
  for (const [name, bytes] of Object.entries(SENT)) {
    assert.ok(Buffer.from(tree[name] ?? []).equals(bytes), `${name} is not as it was sent`);
  }
  assert.ok(!Object.values(tree).some((bytes) => new TextDecoder().decode(bytes) === THEIRS));
}
