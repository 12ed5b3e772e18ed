// The prebuilt addons: the choice and the refusals of set-up, its messages, and the tarballs in the repository.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { nativeDigest, sourcesLevel } from "../../scripts/native_digest.mjs";
import {
  addonName,
  GLIBC_FLOOR,
  installPrebuilt,
  isFitting,
  PLATFORMS,
  prebuiltAddons,
  sha256Of,
  thisComputer,
} from "../../scripts/prebuilt.mjs";
import { filesOf, tarOf } from "../../scripts/tarball.mjs";
import { addonUrl } from "../../src/engine/native/choice.ts";
import { needing, NO_ADDON } from "../left_out.ts";
import { NO_NODE, nodeOutput } from "../node_program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NATIVE = join(ROOT, "native");
const SOURCES = ["src", "patches", "upstream", "Cargo.toml", "Cargo.lock", "build.rs", "prebuild_tools.txt"];
const DEBIAN = { os: "linux", cpu: "x64", glibc: "2.36" };
const LEVEL = sourcesLevel(NATIVE);
const ADDON = new Uint8Array(3_000).fill(5);

interface Checkout {
  native: string;
  tarball: string;
  /** The index of one tarball for Linux on x64, with fields replaced. */
  publish: (fields?: object, addon?: Uint8Array, platform?: string) => Promise<void>;
  install: (computer?: ReturnType<typeof thisComputer>) => string | null;
  /** Names of what is installed. */
  installed: () => string[];
}

/** A checkout of the native sources. Loading is not tried, because the addon of the test is none. */
async function withCheckout(use: (checkout: Checkout) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "pli-prebuilt-" });
  const native = join(root, "native");
  const folder = join(native, "prebuilt");
  const tarball = join(folder, "pli-native.tgz");
  try {
    for (const part of SOURCES) await cp(join(NATIVE, part), join(native, part), { recursive: true });
    await Deno.mkdir(folder);
    await use({
      native,
      tarball,
      publish: async (fields = {}, addon = ADDON, platform = "linux-x64-gnu") => {
        const packed = gzipSync(tarOf([[addonName(platform), addon]]), { level: 1 });
        await Deno.writeFile(tarball, packed);
        const entry = {
          platform,
          file: "pli-native.tgz",
          sha256: sha256Of(packed),
          patchLevel: LEVEL,
          sourcesDigest: nativeDigest(native),
          ...fields,
        };
        await Deno.writeTextFile(join(folder, "index.json"), JSON.stringify({ addons: [entry] }));
      },
      install: (computer = DEBIAN) => installPrebuilt(native, () => computer, () => true),
      installed: () => {
        const place = join(folder, "installed");
        return isThere(place) ? [...Deno.readDirSync(place)].map(({ name }) => name).sort() : [];
      },
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== null;
  } catch {
    return false;
  }
}

const INSTALLED = [`pli_native-${LEVEL}.node`, "record"];
const INSTALLED_EARLIER = ["earlier_sources", ...INSTALLED];

Deno.test("an addon is for the system, the processor and the C library that it was built for", () => {
  const fits = (platform: string, os: string, cpu: string, glibc: string | null) =>
    isFitting(platform, { os, cpu, glibc });
  assert.ok(fits("linux-x64-gnu", "linux", "x64", GLIBC_FLOOR));
  assert.ok(fits("linux-x64-gnu", "linux", "x64", "2.100"));
  assert.ok(fits("linux-x64-gnu", "linux", "x64", "3.0"));
  assert.ok(fits("linux-arm64-gnu", "linux", "arm64", "2.31"));
  assert.ok(fits("win32-x64", "win32", "x64", null));
  assert.ok(!fits("linux-x64-gnu", "linux", "arm64", "2.36"));
  assert.ok(!fits("linux-x64-gnu", "linux", "x64", "2.27"));
  assert.ok(!fits("linux-x64-gnu", "linux", "x64", "1.99"));
  assert.ok(!fits("linux-x64-gnu", "linux", "x64", null), "musl");
  assert.ok(!fits("linux-x64-gnu", "android", "x64", null));
  assert.ok(!fits("win32-x64", "win32", "arm64", null));
  assert.ok(!fits("plan9", "linux", "x64", "2.36"));
});

Deno.test("the fitting addon is installed once, without anything else", async () => {
  await withCheckout(async ({ native, tarball, publish, install, installed }) => {
    assert.equal(install(), null);
    assert.deepEqual(installed(), []);
    await publish();
    assert.equal(install(), null);
    assert.deepEqual(installed(), INSTALLED);
    const addon = join(native, "prebuilt/installed", INSTALLED[0]);
    assert.deepEqual(await Deno.readFile(addon), ADDON);
    const before = await Deno.stat(addon);
    // The tarball is not read again.
    await Deno.remove(tarball);
    assert.equal(install(), null);
    assert.deepEqual((await Deno.stat(addon)).ino, before.ino);
  });
});

Deno.test("a new tarball replaces the installed addon, and one of another level removes it", async () => {
  await withCheckout(async ({ native, publish, install, installed }) => {
    await publish();
    install();
    const newer = ADDON.map((byte) => byte + 1);
    await publish({}, newer);
    assert.equal(install(), null);
    assert.deepEqual(await Deno.readFile(join(native, "prebuilt/installed", INSTALLED[0])), newer);
    for (const patchLevel of [LEVEL - 1, LEVEL + 1]) {
      await publish();
      install();
      await publish({ patchLevel });
      assert.equal(install(), null);
      assert.deepEqual(installed(), []);
    }
  });
});

Deno.test("without a fitting addon nothing is installed, and there is no message", async () => {
  await withCheckout(async ({ publish, install, installed }) => {
    await publish();
    for (
      const computer of [
        { ...DEBIAN, glibc: null },
        { ...DEBIAN, glibc: "2.27" },
        { ...DEBIAN, cpu: "arm64" },
        { os: "darwin", cpu: "x64", glibc: null },
      ]
    ) {
      assert.equal(install(computer), null);
      assert.deepEqual(installed(), []);
    }
    await publish({}, ADDON, "win32-x64");
    assert.equal(install({ os: "win32", cpu: "x64", glibc: null }), null);
    assert.deepEqual(installed(), INSTALLED);
  });
});

Deno.test("an addon of earlier sources is used, and is recorded as such", async () => {
  await withCheckout(async ({ native, publish, install, installed }) => {
    await publish();
    install();
    for (
      const source of ["src/lib.rs", "Cargo.lock", "upstream/Cargo.lock", "prebuild_tools.txt", "build.rs"]
    ) {
      const text = await Deno.readTextFile(join(native, source));
      await Deno.writeTextFile(join(native, source), `${text}\n`);
      assert.equal(install(), null);
      assert.deepEqual(installed(), INSTALLED_EARLIER, source);
      await Deno.writeTextFile(join(native, source), text.replaceAll("\n", "\r\n"));
      assert.equal(install(), null);
      assert.deepEqual(installed(), INSTALLED, source);
      await Deno.writeTextFile(join(native, source), text);
    }
    await Deno.writeTextFile(join(native, "patches/9999-new.patch"), "");
    install();
    assert.deepEqual(installed(), INSTALLED_EARLIER);
  });
});

Deno.test("a damaged tarball, index or addon is left out with one sentence", async () => {
  await withCheckout(async ({ native, tarball, publish, install, installed }) => {
    const refused = (reason: RegExp) => {
      const sentence = install();
      assert.match(sentence!, /^The prebuilt native addon is not used: .*\. `npm run native` builds one\.$/);
      assert.match(sentence!, reason);
      assert.deepEqual(installed(), []);
    };
    await publish();
    install();
    await publish({ sha256: "00".repeat(32) });
    refused(/its SHA-256 is not that of native\/prebuilt\/index\.json/);
    await publish();
    await Deno.writeFile(tarball, (await Deno.readFile(tarball)).with(100, 1));
    refused(/SHA-256/);
    await Deno.remove(tarball);
    refused(/ENOENT|No such file/i);
    await publish({ file: "../../elsewhere.tgz" });
    refused(/name is invalid/);
    const empty = gzipSync(tarOf([["package.json", ADDON]]));
    await publish({ sha256: sha256Of(empty) });
    await Deno.writeFile(tarball, empty);
    refused(/no pli_native\.linux-x64-gnu\.node in it/);
    await publish();
    const sentence = installPrebuilt(native, () => DEBIAN);
    assert.match(sentence!, /cannot be loaded on this system\. `npm run native` builds one\.$/);
    await Deno.writeTextFile(join(native, "prebuilt/index.json"), "{");
    assert.match(install()!, /^The prebuilt native addon is not used: .*JSON/);
    for (const text of ["{}", "null", '{"addons":{}}', '{"addons":[null]}', '{"addons":[{}]}']) {
      await Deno.writeTextFile(join(native, "prebuilt/index.json"), text);
      assert.match(install()!, /not used: native\/prebuilt\/index\.json is invalid\. `npm/, text);
    }
    await publish({ patchLevel: String(LEVEL) });
    refused(/index\.json is invalid/);
  });
});

Deno.test("an installed addon that was cut short is installed again", async () => {
  await withCheckout(async ({ native, publish, install, installed }) => {
    await publish();
    install();
    const addon = join(native, "prebuilt/installed", INSTALLED[0]);
    await Deno.truncate(addon, 1_000);
    assert.equal(install(), null);
    assert.deepEqual(await Deno.readFile(addon), ADDON);
    assert.deepEqual(installed(), INSTALLED);
  });
});

Deno.test("a second installation at the same time takes no file away", async () => {
  await withCheckout(async ({ native, publish, install, installed }) => {
    await publish();
    const inTrial: string[][] = [];
    const outer = installPrebuilt(native, () => DEBIAN, (path) => {
      assert.equal(install(), null);
      inTrial.push(installed());
      return isThere(path);
    });
    assert.equal(outer, null);
    assert.deepEqual(installed(), INSTALLED);
    assert.equal(inTrial.length, 1);
  });
});

Deno.test("an installation removes the addon of another level and what a killed process left", async () => {
  await withCheckout(async ({ native, publish, install, installed }) => {
    await publish();
    const folder = join(native, "prebuilt/installed");
    await Deno.mkdir(folder);
    for (const name of ["pli_native-0.node", `1-${INSTALLED[0]}`, `2-${INSTALLED[0]}`]) {
      await Deno.writeFile(join(folder, name), ADDON);
      if (!name.startsWith("2-")) await Deno.utime(join(folder, name), 0, 0);
    }
    assert.equal(install(), null);
    assert.deepEqual(installed(), [`2-${INSTALLED[0]}`, ...INSTALLED]);
  });
});

const platform = Object.keys(PLATFORMS).find((name) => isFitting(name, thisComputer()));
const NO_PLATFORM = platform === undefined ? "there is no prebuilt addon for this system" : null;

Deno.test(
  needing("a real addon is installed by Deno and by Node.js", NO_ADDON, NO_NODE, NO_PLATFORM),
  async () => {
    const addon = await Deno.readFile(addonUrl()!);
    await withCheckout(async ({ native, publish, installed }) => {
      await cp(join(ROOT, "scripts"), join(native, "../scripts"), { recursive: true });
      const program = join(native, "../install.mjs");
      await Deno.writeTextFile(
        program,
        `import { installPrebuilt } from "./scripts/prebuilt.mjs";\nconsole.log(installPrebuilt());\n`,
      );
      await publish({}, addon, platform);
      const denoOutput = async () => {
        const args = ["run", "-A", "--no-check", program];
        const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
        return new TextDecoder().decode(stdout);
      };
      for (const output of [denoOutput, () => nodeOutput([program])]) {
        assert.equal(await output(), "null\n");
        assert.deepEqual(installed(), INSTALLED);
        // An addon that reports another level than the index is not the one that the sources need.
        const level = join(native, "src/level.rs");
        const source = await Deno.readTextFile(level);
        await Deno.writeTextFile(level, source.replace(/(PATCH_LEVEL: u32 = )\d+/, `$1${LEVEL + 1}`));
        await publish({ patchLevel: LEVEL + 1 }, addon, platform);
        assert.match(await output(), /cannot be loaded/);
        assert.deepEqual(installed(), []);
        await Deno.writeTextFile(level, source);
        await publish({}, addon, platform);
      }
    });
  },
);

const kept = prebuiltAddons();

Deno.test(
  needing("each tarball is whole, in the layout of npm", kept.length === 0 ? "nothing is prebuilt" : null),
  async () => {
    assert.deepEqual(kept.map((entry) => entry.platform), Object.keys(PLATFORMS).sort());
    const { license } = JSON.parse(await Deno.readTextFile(join(ROOT, "package.json")));
    const listed = kept.map(({ file }) => file);
    const present = [...Deno.readDirSync(join(NATIVE, "prebuilt"))].map(({ name }) => name);
    assert.deepEqual(present.filter((name) => name.endsWith(".tgz")).sort(), listed.sort());
    for (const entry of kept) {
      const bytes = await Deno.readFile(join(NATIVE, "prebuilt", entry.file));
      assert.equal(sha256Of(bytes), entry.sha256, entry.file);
      const files = filesOf(bytes);
      const addon = addonName(entry.platform);
      assert.deepEqual([...files.keys()], ["package.json", "LICENSE", "LICENCES.txt", addon]);
      const manifest = JSON.parse(new TextDecoder().decode(files.get("package.json")));
      const { os, cpu, libc } = PLATFORMS[entry.platform as keyof typeof PLATFORMS] as { libc?: string[] } & {
        os: string[];
        cpu: string[];
      };
      assert.deepEqual(
        [manifest.name, manifest.main, manifest.license, manifest.os, manifest.cpu, manifest.libc],
        [`@pli/native-${entry.platform}`, addon, license, os, cpu, libc],
      );
      assert.deepEqual(files.get("LICENSE")!.toString(), await Deno.readTextFile(join(ROOT, "LICENSE")));
      if (libc !== undefined) assertGlibc(files.get(addon)!.toString("latin1"));
      if (entry.platform === "win32-x64") {
        const library = files.get(addon)!;
        const time = library.readUInt32LE(0x3c) + 8;
        assert.equal(library.readUInt32LE(time), 0, "the time of its build");
      }
    }
  },
);

/** Asserts that an addon requires versions of glibc, and none above the minimum. */
function assertGlibc(text: string): void {
  const versions = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => `${major}.${minor}`);
  assert.ok(versions.length > 0);
  for (const glibc of versions) {
    // A system with the minimum version has each required version.
    assert.ok(+glibc.split(".")[1] <= +GLIBC_FLOOR.split(".")[1] && glibc.startsWith("2."), glibc);
  }
}
