// The preview that AltSendMe asks for before a download, on an ALPN of its own: the client writes the byte 1,
// the answer is a big-endian u32 length and JSON. Unverified by nature: pli answers it and never asks it.

export const PREVIEW_ALPN = "sendme/metadata/1";
export const PREVIEW_REQUEST = 1;

/** The longest JSON that the client takes. */
const PREVIEW_MAXIMUM_BYTES = 8 * 1024 * 1024;

export interface PreviewFile {
  name: string;
  sizeBytes: number;
}

/** The answer for a share called `title`. The list of files is left out where it would be too long. */
export function encodePreview(title: string, files: readonly PreviewFile[]): Uint8Array {
  const summary = {
    file_name: title,
    item_count: files.length,
    size: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
  const items = files.map((file) => ({ file_name: file.name, size: file.sizeBytes }));
  const whole = new TextEncoder().encode(JSON.stringify({ ...summary, items }));
  const json = whole.length <= PREVIEW_MAXIMUM_BYTES
    ? whole
    : new TextEncoder().encode(JSON.stringify(summary));
  const answer = new Uint8Array(4 + json.length);
  new DataView(answer.buffer).setUint32(0, json.length);
  answer.set(json, 4);
  return answer;
}
