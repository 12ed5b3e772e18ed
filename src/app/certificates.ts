// Reads certificate authorities from a PEM file (RFC 7468), for relays without a publicly trusted certificate.

const FILE_MAXIMUM_BYTES = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, in DER. Throws an Error that says why there are none. */
export async function readCertificates(path: string): Promise<Uint8Array[]> {
  const { isFile, size } = await Deno.stat(path);
  // Devices and FIFOs have no size, and may have no end.
  if (!isFile) throw new TypeError("it is not a regular file");
  if (size > FILE_MAXIMUM_BYTES) throw new RangeError("the file is too large");
  const certificates = certificatesIn(await Deno.readTextFile(path));
  if (certificates.length === 0) throw new SyntaxError("there is no certificate in the file");
  return certificates;
}

/** The certificates of a PEM text, in DER. Throws SyntaxError for invalid base64. */
export function certificatesIn(pem: string): Uint8Array[] {
  return [...pem.matchAll(CERTIFICATE)].map(([, base64]) =>
    Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" })
  );
}
