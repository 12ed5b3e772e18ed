import { deepEqual, rejects, throws } from "node:assert/strict";
import { certificatesIn, readCertificates } from "../../src/app/certificates.ts";

const PEM = (base64: string) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;

Deno.test("certificates: all of a PEM text are read in order, also with other text between them", () => {
  const text = `# ours\n${PEM("AQID")}subject: x\n${PEM("BAUG\nBwg=")}`;
  deepEqual(certificatesIn(text), [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6, 7, 8)]);
  deepEqual(certificatesIn(text.replaceAll("\n", "\r\n")), certificatesIn(text));
  deepEqual(certificatesIn("-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----"), []);
  throws(() => certificatesIn(PEM("AQI")), SyntaxError);
});

Deno.test("certificates: a file that has none, is no base64, too large or missing is refused with the reason", async () => {
  const path = await Deno.makeTempFile();
  try {
    await rejects(readCertificates(path), SyntaxError);
    await Deno.writeTextFile(path, PEM("AQI"));
    await rejects(readCertificates(path), SyntaxError);
    await Deno.writeTextFile(path, PEM("AQID") + " ".repeat(1024 * 1024));
    await rejects(readCertificates(path), RangeError);
  } finally {
    await Deno.remove(path);
  }
  await rejects(readCertificates(path), Deno.errors.NotFound);
  if (Deno.build.os !== "windows") await rejects(readCertificates("/dev/zero"), TypeError);
});
