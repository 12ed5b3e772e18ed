import assert from "node:assert/strict";
import { Texts } from "../../../src/engine/bytes/texts.ts";
import { complete } from "../../../src/engine/work.ts";
import { RemoteFiles } from "../../../src/engine/transfer/fetch/remote_files.ts";
import { HashSequence } from "../../../src/engine/wire/hash_sequence.ts";

const names = ["a", "b/é", "c"];
const links = new HashSequence(Uint8Array.from({ length: 4 * 32 }, (_, at) => Math.floor(at / 32)));
const files = new RemoteFiles({
  rootHash: new Uint8Array(32),
  links,
  firstOffset: 2,
  names: Texts.of(names),
  sizesBytes: Float64Array.of(3, 2 ** 43, 0),
});
const reported = (list: RemoteFiles) =>
  Array.from(list, ({ offset, name, hash, sizeBytes }) => ({ offset, name, link: hash[0], sizeBytes }));

Deno.test("files follow the root and the metadata, and their hashes that of the metadata", () => {
  assert.deepEqual(reported(files), [
    { offset: 2, name: "a", link: 1, sizeBytes: 3 },
    { offset: 3, name: "b/é", link: 2, sizeBytes: 2 ** 43 },
    { offset: 4, name: "c", link: 3, sizeBytes: 0 },
  ]);
  assert.equal(files.at(3), undefined);
});

Deno.test("selected files keep their offsets and hashes, and have their own indices", () => {
  const chosen = complete(files.choosing((name) => name !== "a"));
  assert.equal(chosen.length, 2);
  assert.deepEqual(reported(chosen), reported(files).slice(1));
  assert.equal(chosen.at(0)?.name, "b/é");
  assert.equal(chosen.at(2), undefined);
  assert.deepEqual(reported(complete(chosen.choosing((name) => name === "c"))), reported(files).slice(2));
});
