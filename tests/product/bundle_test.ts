// The modules that are loaded at the bundle's start. `npm run bench`, case `version`, measures its time.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeOnDemand } from "../../scripts/on_demand.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Makes every way of loading a module of Node fail. The timers of Node are also Deno's. */
const WITHOUT_NODE = `
for (const name of ["process", "Buffer", "setTimeout", "clearTimeout", "setInterval", "clearInterval"]) {
  Object.defineProperty(globalThis, name, {
    get() {
      Deno.stderr.writeSync(new TextEncoder().encode(name + " loads a part of Node"));
      throw new Error();
    },
  });
}`;

Deno.test("bundle: imports of a module from Node are moved into its initialiser", () => {
  const bundle = `import { z } from "./other.js";

// src/a.ts
var a_exports = {};
import { basename, join as join2 } from "node:path";
import {
  open as open2
} from "node:fs/promises";
import { Http2ServerRequest, constants as constants2 } from "node:http2";
function a() {
  return join2("src", basename("a"));
}
var init_a = __esm({
  "src/a.ts"() {
    init_b();
    open2("a");
  }
});

// src/start.ts
import { inspect } from "node:util";
inspect(a);
`;
  const moved = `import { z } from "./other.js";

// src/a.ts
var a_exports = {};
var basename, join2;
var open2;
var Http2ServerRequest, constants2;
function a() {
  return join2("src", basename("a"));
}
var init_a = __esm({
  "src/a.ts"() {
    ({ basename, join: join2 } = process.getBuiltinModule("node:path"));
    ({ open: open2 } = process.getBuiltinModule("node:fs/promises"));
    Http2ServerRequest = class {};
    constants2 = class {};
    init_b();
    open2("a");
  }
});

// src/start.ts
import { inspect } from "node:util";
inspect(a);
`;
  assert.equal(nodeOnDemand(bundle), moved);
});

Deno.test("bundle: it has no imports, and prints its version and its help without a module of Node", async () => {
  const folder = await Deno.makeTempDir({ prefix: "pli-bundle-" });
  try {
    const [bundle, withoutNode] = [join(folder, "pli.js"), join(folder, "without_node.js")];
    assert.equal((await deno(`${ROOT}scripts/build.ts`, bundle)).code, 0);
    const text = await Deno.readTextFile(bundle);
    assert.deepEqual(text.match(/^(import|export)\b.*|^.*\bfrom "node:.*/gm), null);
    assert.doesNotMatch(text, /"node:http2"/);

    await Deno.writeTextFile(withoutNode, WITHOUT_NODE);
    const start = (...argv: string[]) => deno("--preload", withoutNode, bundle, ...argv);
    for (const argv of [["--version"], ["--help"], ["-h"], []]) {
      const { code, output } = await start(...argv);
      assert.equal(code, 0, output);
      assert.match(output, argv[0] === "--version" ? /^pli \d/ : /^pli sends /);
    }
    // Every other command line needs the parser of Node, which is the control of the test above.
    assert.match((await start("send", "--help")).output, / loads a part of Node/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function deno(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...args],
    env: { DENO_NO_UPDATE_CHECK: "1", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, output: text.decode(stdout) + text.decode(stderr) };
}
