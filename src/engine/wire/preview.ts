// The preview that AltSendMe requests before a download, on an ALPN of its own: the client writes the byte 1,
// the answer is a big-endian u32 length and JSON. The request contains no proof of the ticket, and the answer can
// not be verified; pli answers it and never sends it.

export const PREVIEW_ALPN = "sendme/metadata/1";
export const PREVIEW_REQUEST = 1;

/** The longest JSON that pli sends. The client accepts 8 MiB. */
export const PREVIEW_MAXIMUM_BYTES = 1024 * 1024;

/** The summary of a share in every preview. */
export interface PreviewSummary {
  title: string;
  files: number;
  sizeBytes: number;
}

export interface PreviewFile {
  name: string;
  sizeBytes: number;
}

/** The answer for a share. A list of files that would be too long is left out. */
export function encodePreview(
  { title, files: count, sizeBytes }: PreviewSummary,
  files?: Iterable<PreviewFile>,
): Uint8Array {
  const summary = JSON.stringify({ file_name: title, item_count: count, size: sizeBytes });
  const items = files === undefined ? null : encodeItems(files, PREVIEW_MAXIMUM_BYTES - 4 * summary.length);
  const json = new TextEncoder().encode(
    items === null ? summary : `${summary.slice(0, -1)},"items":[${items}]}`,
  );
  const answer = new Uint8Array(4 + json.length);
  new DataView(answer.buffer).setUint32(0, json.length);
  answer.set(json, 4);
  return answer;
}

/** The entries of all files, or null as soon as they have more than `maximumBytes`. */
function encodeItems(files: Iterable<PreviewFile>, maximumBytes: number): string | null {
  const encoder = new TextEncoder();
  const entries: string[] = [];
  let bytes = 0;
  for (const { name, sizeBytes } of files) {
    const entry = JSON.stringify({ file_name: name, size: sizeBytes });
    bytes += encoder.encode(entry).length + 1;
    if (bytes > maximumBytes) return null;
    entries.push(entry);
  }
  return entries.join(",");
}
