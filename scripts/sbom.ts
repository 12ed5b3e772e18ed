// The bill of materials of a released program, in CycloneDX 1.6: pli and the components that it contains. The same
// components are the same bytes, so it has no time, and its serial number is a digest. `npm run sbom [PATH]` writes that
// of the one-file program for this system, by default to dist/SBOM.cdx.json.

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { type Component, componentsOf } from "./components.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The document as JSON text. */
export async function sbomOf(components: readonly Component[]): Promise<string> {
  const { name, version, license } = JSON.parse(await Deno.readTextFile(join(ROOT, "package.json")));
  const content = {
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `${name}@${version}`,
        name,
        version,
        licenses: [{ expression: license }],
      },
    },
    components: components.map(entryOf),
  };
  const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  const serialNumber = `urn:uuid:${uuidOf(digest)}`;
  const head = { $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", bomFormat: "CycloneDX" };
  return `${JSON.stringify({ ...head, specVersion: "1.6", serialNumber, ...content }, null, 2)}\n`;
}

function entryOf({ kind, name, version, licence, sha512 }: Component): object {
  const [, scope, rest] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const path = scope === undefined ? name : `${encodeURIComponent(scope)}/${rest}`;
  const purl = `pkg:${kind}/${path}@${encodeURIComponent(version)}`;
  return {
    type: "library",
    "bom-ref": purl,
    ...scope === undefined ? {} : { group: scope },
    name: rest ?? name,
    version,
    // Older crates have a slash between licences to choose from.
    licenses: [{ expression: licence.replaceAll(/\s*\/\s*/g, " OR ") }],
    ...sha512 === undefined ? {} : { hashes: [{ alg: "SHA-512", content: hexOf(sha512) }] },
    purl,
  };
}

function hexOf(base64: string): string {
  return Uint8Array.fromBase64(base64).toHex();
}

/** A UUID of version 8, whose other bits are free, from a digest in hex. */
function uuidOf(digest: string): string {
  const [a, b, c, d, e] = [[0, 8], [8, 12], [13, 16], [17, 20], [20, 32]].map(([from, to]) =>
    digest.slice(from, to)
  );
  return `${a}-${b}-8${c}-8${d}-${e}`;
}

if (import.meta.main) {
  await runCommand(
    { usage: "npm run sbom -- [FILE]", operands: [0, 1] },
    async ({ positionals: [path = join(ROOT, "dist", "SBOM.cdx.json")] }) => {
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, await sbomOf(await componentsOf({ hasLauncher: true })));
    },
  );
}
