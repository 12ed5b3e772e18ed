// The file of a log: which files are refused, without waiting, and that a closed one is not written.

import assert from "node:assert/strict";
import { join } from "node:path";
import { LogFile } from "../../src/app/log_file.ts";
import { needing, NOT_ROOT, without } from "../left_out.ts";

async function inFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a closed log file is not written, also when its descriptor is that of another file", async () => {
  await inFolder((folder) => {
    const log = LogFile.open(join(folder, "a.log"));
    assert.ok(log.write("first"));
    log[Symbol.dispose]();
    using other = LogFile.open(join(folder, "b.log"));
    assert.equal(log.write("late"), false);
    assert.ok(other.write("second"));
    assert.equal(Deno.readTextFileSync(join(folder, "a.log")), "first\n");
    assert.equal(Deno.readTextFileSync(join(folder, "b.log")), "second\n");
    // Closing it again closes nothing else.
    log[Symbol.dispose]();
    assert.ok(other.write("third"));
  });
});

Deno.test(needing("a FIFO is refused without waiting", without("mkfifo")), async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "fifo");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    // Without a reader, and with one.
    assert.throws(() => LogFile.open(path));
    using _reader = await Deno.open(path, { read: true, write: true });
    assert.throws(() => LogFile.open(path), /not a regular file/);
  });
});

Deno.test(needing("the file of another user is refused", NOT_ROOT), async () => {
  await inFolder((folder) => {
    const path = join(folder, "theirs");
    Deno.writeTextFileSync(path, "theirs");
    Deno.chmodSync(path, 0o666);
    Deno.chownSync(path, 65_534, 65_534);
    assert.throws(() => LogFile.open(path), /another user/);
    assert.equal(Deno.readTextFileSync(path), "theirs");
  });
});
