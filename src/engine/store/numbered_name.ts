// Numbered names for names that are taken: `x (2).txt`, `x (2).tar.gz`, a folder `v1.0 (2)`.

import { MAXIMUM_PART_BYTES } from "./names.ts";

/** The extension of a file: short, without spaces, and not the whole name. */
const EXTENSION = /(?<=.)(?:\.tar)?\.[^.\s]{1,16}$/su;

/** A part of a name with a number. Where the result is too long, the text before the number is shortened. */
export function numberedName(part: string, number: number, kind: "file" | "folder"): string {
  const extension = kind === "file" ? EXTENSION.exec(part)?.[0] ?? "" : "";
  const ending = ` (${number})${extension}`;
  const stem = part.slice(0, part.length - extension.length);
  return shortened(stem, MAXIMUM_PART_BYTES - utf8Bytes(ending)) + ending;
}

/** The longest prefix of a text with at most so many bytes of UTF-8. */
export function shortened(text: string, maximumBytes: number): string {
  if (utf8Bytes(text) <= maximumBytes) return text;
  const characters = [...text];
  let bytes = utf8Bytes(text);
  while (bytes > maximumBytes) bytes -= utf8Bytes(characters.pop() ?? "");
  return characters.join("");
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
