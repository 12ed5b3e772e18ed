// Creating many files on the real disk, and the slices in which it does that.

import assert from "node:assert/strict";
import { inSlices } from "../../../src/engine/disk/slices.ts";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import { needing, NOT_UNIX } from "../../left_out.ts";
import { realDisk } from "../../system_ports.ts";

function busy(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const unused = () => Promise.reject(new Error("not far"));

/** The limit of a near disk that is never exceeded, also when other work delays this thread. */
const NEAR = { farMs: Infinity };
/** The limit of a disk that is remote when each item takes 6 ms. */
const FAR = { farMs: 1 };

/** Items below 100 succeed, others fail. */
const failing = (item: number): number => {
  if (item >= 100) throw new PliError("disk_failed", { path: `${item}` });
  return -item;
};

Deno.test("results are in order, and an error is the result of its item alone", async () => {
  const results = await inSlices([1, 100, 2, 101, 3], failing, unused, NEAR);
  assert.deepEqual(
    results.map((result) => isPliError(result, "disk_failed") ? result.parameters.path : result),
    [-1, "100", -2, "101", -3],
  );
});

Deno.test("an error that ends the batch is the result of all items not started, on near and remote disks", async () => {
  const begun: number[] = [];
  const note = (item: number) => (begun.push(item), failing(item));
  const near = await inSlices([1, 100, 2, 3], note, unused, { ...NEAR, stopsAtFault: true });
  assert.deepEqual(begun, [1, 100]);
  assert.deepEqual(near, [-1, near[1], near[1], near[1]]);
  begun.length = 0;
  const items = [1, 2, 3, 4, 5, 100, ...Array<number>(50).fill(6)];
  const far = await inSlices(items, (item) => (busy(6), note(item)), async (item) => {
    await new Promise((resolve) => setTimeout(resolve));
    return note(item);
  }, { ...FAR, stopsAtFault: true });
  assert(isPliError(far[5], "disk_failed"));
  assert.equal(far.at(-1), far[5]);
  // Items in progress at the error have their own results.
  assert.equal(far.filter((result) => result !== far[5]).length, begun.length - 1);
  assert(begun.length < 30, `${begun.length} begun`);
});

Deno.test("a defect is thrown, and is no error of one item", async () => {
  const mistake = () => {
    throw new TypeError("mistake");
  };
  await assert.rejects(inSlices([1], mistake, unused, NEAR), TypeError);
  await assert.rejects(
    inSlices([1, 2, 3, 4], () => busy(6), () => Promise.reject(new TypeError("mistake")), FAR),
    TypeError,
  );
});

Deno.test("timers run, during one long call and between many short ones", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await inSlices(numbers(400), () => busy(0.1), unused, NEAR);
  assert(ticks >= 3, `${ticks} in one call`);
  ticks = 0;
  for (const at of numbers(400)) await inSlices([at], () => busy(0.1), unused, NEAR);
  assert(ticks >= 3, `${ticks} between calls`);
  clearInterval(timer);
});

Deno.test("a remote disk gets many calls at a time, while other tasks run", async () => {
  let quick = 0;
  let running = 0;
  let most = 0;
  const results = await inSlices(numbers(100), (item) => (quick++, busy(6), item), async (item) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return item;
  }, FAR);
  assert.deepEqual(results, numbers(100));
  assert.equal(quick, 2);
  assert.equal(most, 16);
});

Deno.test("thousands of real files and folders are created, found and distinguished", async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-many-" }));
  try {
    const folders = numbers(300).map((at) => `${root}/${at}`);
    assert((await realDisk.createFolders(folders)).every((status) => !isPliError(status) && status !== null));
    const files = numbers(1500).map((at) => ({
      path: `${folders[at % 300]}/${at}`,
      bytes: new TextEncoder().encode(`content of ${at}`),
    }));
    const created = await realDisk.createFiles(files);
    assert.deepEqual(await realDisk.statuses(files.map(({ path }) => path)), created);
    assert.deepEqual((await realDisk.createFiles(files)).filter((status) => status !== null), []);
    for (const { path, bytes } of files.slice(-300)) assert.deepEqual(await Deno.readFile(path), bytes);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("an invalid name affects no other", async () => {
  const outcomes = await realDisk.statuses(["/", `/${"x".repeat(300)}`, "/"]);
  // Windows reports that there is no such file.
  if (Deno.build.os === "windows") assert.equal(outcomes[1], null);
  else assert(isPliError(outcomes[1], "disk_name_invalid"));
  assert.deepEqual(outcomes[0], await realDisk.status("/"));
  assert.deepEqual(outcomes[2], outcomes[0]);
});

Deno.test(needing("a file that cannot be written whole is removed again", NOT_UNIX), async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-part-" }));
  try {
    const script = `
      const { realDisk } = await import(${JSON.stringify(import.meta.resolve("../../system_ports.ts"))});
      const files = ["a", "large", "c"].map((name) => (
        { path: "${root}/" + name, bytes: new Uint8Array(name === "large" ? 9 << 20 : 10) }
      ));
      const created = await realDisk.createFiles(files);
      console.log(created.map((outcome) => outcome.code ?? outcome.kind).join(" "));
    `;
    // A limit on the size of files, like a disk that becomes full in the middle of one.
    const limited = `trap "" XFSZ; ulimit -f 8192; exec "$0" eval --no-check --ext=ts "$1"`;
    const child = new Deno.Command("sh", { args: ["-c", limited, Deno.execPath(), script] });
    const { stdout, stderr } = await child.output();
    const text = new TextDecoder().decode(stdout).trim();
    assert.equal(text, "file disk_file_too_large disk_file_too_large", new TextDecoder().decode(stderr));
    assert.deepEqual([...Deno.readDirSync(root)].map(({ name }) => name), ["a"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
