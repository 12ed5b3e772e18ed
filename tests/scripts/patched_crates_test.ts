// The patched crates of the addon: published sources with the patches applied, created again when either changes, or an
// error with a sentence.

import assert from "node:assert/strict";
import { PATCHED, preparePatchedCrates } from "../../scripts/patched_crates.mjs";
import { needing, NO_ADDON, unlessSucceeds, without } from "../left_out.ts";

const NO_RUST = await unlessSucceeds("cargo has no toolchain", "cargo", "--version");

const root = new URL("../../", import.meta.url).pathname;

function patch(from: string, to: string): string {
  return `Kind: fix

diff --git a/thing/src/lib.rs b/thing/src/lib.rs
--- a/thing/src/lib.rs
+++ b/thing/src/lib.rs
@@ -1 +1 @@
-${from}
+${to}
`;
}

/** A folder such as native/, with one crate and two patches of it. */
async function madeNative(): Promise<string> {
  const native = await Deno.makeTempDir({ prefix: "pli-patched-" });
  const manifest = (name: string) => `[package]\nname = "${name}"\nversion = "1.2.3"\nedition = "2021"\n`;
  const files = {
    "crate/Cargo.toml": manifest("thing"),
    "crate/src/lib.rs": "// one\n",
    "upstream/Cargo.toml": `${
      manifest("upstream")
    }[lib]\npath = "lib.rs"\n[dependencies]\nthing = { path = "../crate" }\n`,
    "upstream/lib.rs": "",
    "patches/0001-two.patch": patch("// one", "// two").replaceAll("\n", "\r\n"),
    "patches/0002-three.patch": patch("// two", "// three"),
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${native}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${native}/${path}`, text);
  }
  const options = ["generate-lockfile", "--offline", "--manifest-path", `${native}/upstream/Cargo.toml`];
  assert.ok((await new Deno.Command("cargo", { args: options, stderr: "null" }).output()).success);
  return native;
}

Deno.test({
  ...needing("patches are applied in order, with any line ends", NO_RUST, without("git")),
  fn: async () => {
    const native = await madeNative();
    try {
      preparePatchedCrates(native);
      const patched = `${native}/${PATCHED}/thing/src/lib.rs`;
      assert.equal(await Deno.readTextFile(patched), "// three\n");

      // Existing files are not changed, so that cargo does not build them again.
      await Deno.writeTextFile(patched, "// touched\n");
      preparePatchedCrates(native);
      assert.equal(await Deno.readTextFile(patched), "// touched\n");

      await Deno.remove(`${native}/patches/0002-three.patch`);
      preparePatchedCrates(native);
      assert.equal(await Deno.readTextFile(patched), "// two\n");

      await Deno.writeTextFile(`${native}/patches/0002-three.patch`, patch("// four", "// five"));
      assert.throws(() => preparePatchedCrates(native), /native\/patches\/0002-three\.patch does not apply/);
      const beside = [...Deno.readDirSync(native)].map(({ name }) => name);
      assert.deepEqual(beside.filter((name) => name.startsWith(PATCHED)), [PATCHED]);
    } finally {
      await Deno.remove(native, { recursive: true });
    }
  },
});

Deno.test({
  ...needing(
    "cargo alone names the command that creates the patched crates, where they are missing",
    NO_RUST,
  ),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "pli-patched-" });
    try {
      for (const name of ["Cargo.toml", "Cargo.lock"]) {
        await Deno.copyFile(`${root}native/${name}`, `${folder}/${name}`);
      }
      await Deno.mkdir(`${folder}/src`);
      await Deno.writeTextFile(`${folder}/src/lib.rs`, "");
      const { success, stderr } = await new Deno.Command("cargo", {
        args: ["metadata", "--offline", "--locked", "--format-version", "1"],
        cwd: folder,
      }).output();
      assert.ok(!success);
      assert.match(new TextDecoder().decode(stderr), /patched-by-npm-run-native/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  // The sources of a built addon have been fetched.
  ...needing(
    "a checkout with CRLF prepares the same crates, and has the same lock files",
    NO_ADDON,
    NO_RUST,
    without("git"),
  ),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "pli-patched-" });
    try {
      await copyWithCrlf(`${root}scripts`, `${folder}/scripts`);
      for (const part of ["patches", "upstream", "src"]) {
        await copyWithCrlf(`${root}native/${part}`, `${folder}/native/${part}`);
      }
      for (const file of ["Cargo.toml", "Cargo.lock"]) {
        await crlf(`${root}native/${file}`, `${folder}/native/${file}`);
      }
      const run = async (program: string, ...args: string[]) => {
        const env = { CARGO_NET_OFFLINE: "true", DENO_NO_UPDATE_CHECK: "1" };
        const { success, stderr } = await new Deno.Command(program, {
          args,
          cwd: folder,
          env,
          stdout: "null",
        }).output();
        assert.ok(success, new TextDecoder().decode(stderr));
      };
      await run(Deno.execPath(), "run", "-A", "scripts/native.mjs", "--prepare");
      await run(
        "cargo",
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--manifest-path",
        "native/Cargo.toml",
      );
      const patched = `native/${PATCHED}/noq-proto/src/connection/mod.rs`;
      preparePatchedCrates(`${root}native`);
      assert.equal(
        await Deno.readTextFile(`${folder}/${patched}`),
        await Deno.readTextFile(`${root}${patched}`),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function copyWithCrlf(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await crlf(`${from}/${name}`, `${to}/${name}`);
  }
}

async function crlf(from: string, to: string): Promise<void> {
  await Deno.writeTextFile(to, (await Deno.readTextFile(from)).replaceAll("\n", "\r\n"));
}
