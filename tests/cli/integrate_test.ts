// `pli integrate` as a command: its lines, its exit codes, and what it refuses.

import assert from "node:assert/strict";
import { run } from "../../src/cli/run.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { CliFixture } from "./cli_fixture.ts";

Deno.test({
  ...needing("integrate: names what it wrote, changes nothing twice, and --undo removes it", NOT_LINUX),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const data = `${folder}/data`;
      const fixture = new CliFixture(`${folder}/home`, { environment: { XDG_DATA_HOME: data } });
      const lines = async (...argv: string[]): Promise<[exit: number, lines: unknown[]]> => {
        fixture.output.text = "";
        const exit = await run([...argv, "--json"], fixture);
        return [exit, fixture.json()];
      };
      const entries = [`${data}/applications/pli.desktop`, `${data}/applications/pli-send.desktop`];
      const all = (state: string) => entries.map((path) => ({ v: 1, type: "integration", path, state }));
      assert.deepEqual(await lines("integrate"), [0, all("written")]);
      assert.match(await Deno.readTextFile(entries[0]), /"\/opt\/pli's 100%%\/pli" "ui" "--" %u$/m);
      assert.deepEqual(await lines("integrate"), [0, all("unchanged")]);
      await Deno.writeTextFile(entries[1], "# mine", { append: true });
      const [removed, foreign] = [all("removed")[0], all("foreign")[1]];
      assert.deepEqual(await lines("integrate", "--undo"), [1, [removed, foreign]]);
      await Deno.remove(entries[1]);
      fixture.error.text = "";
      assert.equal(await run(["integrate", "--undo"], fixture), 0);
      assert.equal(fixture.error.text, "Nothing of pli is registered.\n");
      fixture.error.text = "";
      assert.equal(await run(["integrate"], fixture), 0);
      assert.match(
        fixture.error.text,
        /^Written: .*\/pli\.desktop\nWritten: .*\/pli-send\.desktop\npli integrate --undo/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("integrate: takes no words", async () => {
  const fixture = new CliFixture("/nowhere");
  assert.equal(await run(["integrate", "all"], fixture), 2);
  assert.match(fixture.error.text, /pli integrate takes no argument such as all\.\nRun pli --help/);
});
