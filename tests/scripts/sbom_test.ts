// The bill of materials of a release: the fields that CycloneDX 1.6 requires, each component once, and the same bytes for
// the same components.

import assert from "node:assert/strict";
import { type Component, packages, runtime } from "../../scripts/components.ts";
import { sbomOf } from "../../scripts/sbom.ts";

const CRATE: Component = {
  kind: "cargo",
  name: "zstd",
  version: "0.14.4+zstd.1.5.7",
  licence: "MIT",
  texts: [],
};
const OLDER_CRATE: Component = { ...CRATE, name: "older", version: "1.0.0", licence: "MIT/Apache-2.0" };

/** Lengths of the digests in hex. */
const HASHES: Record<string, number> = { "SHA-256": 64, "SHA-512": 128 };
const TYPES = ["application", "framework", "library", "platform", "operating-system", "file"];
/** Identifiers of SPDX, with their operators. */
const EXPRESSION = /^\(*[A-Za-z][\w.+-]*\)*( (OR|AND|WITH) \(*[A-Za-z][\w.+-]*\)*)*$/;

/** Asserts what the schema of CycloneDX 1.6 requires of a component, for the fields in use. */
// deno-lint-ignore no-explicit-any
function assertComponent(component: any): void {
  assert.ok(TYPES.includes(component.type), component.type);
  for (const field of ["name", "version", "bom-ref"]) {
    assert.ok(typeof component[field] === "string" && component[field] !== "", `${component.name}: ${field}`);
  }
  // An expression is the only entry of its list.
  assert.equal(component.licenses.length, 1);
  assert.deepEqual(Object.keys(component.licenses[0]), ["expression"]);
  assert.match(component.licenses[0].expression, EXPRESSION);
  for (const { alg, content, ...others } of component.hashes ?? []) {
    assert.match(content, new RegExp(`^[0-9a-f]{${HASHES[alg]}}$`));
    assert.deepEqual(others, {});
  }
}

Deno.test("sbom: a document has what CycloneDX 1.6 requires, and each component of the program", async () => {
  const components = [await runtime(), ...await packages(), CRATE, OLDER_CRATE];
  const bom = JSON.parse(await sbomOf(components));
  assert.equal(bom.bomFormat, "CycloneDX");
  assert.equal(bom.specVersion, "1.6");
  assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(bom.version, 1);
  assert.equal(bom.metadata.component.name, "pli");
  for (const component of [bom.metadata.component, ...bom.components]) assertComponent(component);
  const references = [bom.metadata.component, ...bom.components].map((each) => each["bom-ref"]);
  assert.equal(new Set(references).size, references.length);
  assert.equal(bom.components.length, components.length);
  for (const expected of [/^pkg:npm\/deno@\d/, /^pkg:npm\/%40preact\/signals@\d/, /^pkg:npm\/hono@\d/]) {
    const found = bom.components.find((each: { purl: string }) => expected.test(each.purl));
    assert.equal(found?.hashes?.length, 1, `${expected}`);
  }
});

Deno.test("sbom: the names of crates, their versions and licences are in the forms of CycloneDX", async () => {
  const { components: [zstd, older] } = JSON.parse(await sbomOf([CRATE, OLDER_CRATE]));
  assert.equal(zstd.purl, "pkg:cargo/zstd@0.14.4%2Bzstd.1.5.7");
  assert.equal(older.licenses[0].expression, "MIT OR Apache-2.0");
});

Deno.test("sbom: the same components are the same bytes, others have another serial number", async () => {
  const serialOf = (text: string) => JSON.parse(text).serialNumber;
  assert.equal(await sbomOf([CRATE]), await sbomOf([CRATE]));
  assert.notEqual(serialOf(await sbomOf([CRATE])), serialOf(await sbomOf([OLDER_CRATE])));
});
