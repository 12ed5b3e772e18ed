// The prebuilt addons are built again, and their tarballs are those of the repository, byte by byte.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nativeDigest } from "../../scripts/native_digest.mjs";
import { NATIVE, prebuiltAddons, sha256Of } from "../../scripts/prebuilt.mjs";
import { needing, without } from "../left_out.ts";

const PREBUILD = fileURLToPath(new URL("../../scripts/prebuild.ts", import.meta.url));
const DIGEST = nativeDigest(NATIVE);

for (const addon of prebuiltAddons()) {
  Deno.test(
    needing(
      `an addon that is built again has the bytes of the tarball: ${addon.platform}`,
      addon.sourcesDigest === DIGEST ? null : "no addon of these sources is prebuilt",
      without("rustup", "pip3"),
    ),
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "pli-rebuilt-" });
      try {
        const args = ["run", "-A", "--no-check", PREBUILD, addon.platform, "--into", folder];
        const { success } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn().status;
        assert.ok(success);
        assert.equal(sha256Of(await Deno.readFile(join(folder, addon.file))), addon.sha256);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
