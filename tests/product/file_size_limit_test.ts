// The limit on the size of files (`ulimit -f`), at which the system also sends SIGXFSZ.

import { ok, strictEqual } from "node:assert";
import { needing, NOT_UNIX } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { noise } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const MIB = 1024 * 1024;
/** POSIX counts blocks of 512 bytes, bash without its POSIX mode 1,024. */
const LIMITED = { wrapper: ["sh", "-c", 'ulimit -f 4096 && exec "$@"', "sh"] };

Deno.test({
  ...needing(
    "E.24 a file over the size limit is an error of the disk, and does not end the process",
    NOT_UNIX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    const bytes = noise(8 * MIB);
    await Deno.writeFile(bench.path("big"), bytes);
    const sender = bench.pli(["send", "--keep", "--ticket", "addresses", ...LOCAL, "big"]);
    const receive = ["receive", await sender.ticket(), "-o", "there/", ...LOCAL];
    const home = bench.path("receiver");
    const limited = bench.pli(receive, { home, ...LIMITED });
    strictEqual((await limited.event("error")).code.split("_")[0], "disk", limited.output);
    strictEqual(await limited.ended(), 5, limited.output);
    const again = bench.pli(receive, { home });
    strictEqual(await again.ended(), 0, again.output);
    // The number of bytes below the limit depends on the order of the blocks.
    ok(Buffer.from(bytes.buffer).equals(Deno.readFileSync(bench.path("there/big"))));
    const spooling = bench.pli(["send", "-", ...LOCAL], { stdin: bytes, ...LIMITED });
    strictEqual((await spooling.event("error")).code.split("_")[0], "home", spooling.output);
    strictEqual(await spooling.ended(), 5, spooling.output);
  },
});
