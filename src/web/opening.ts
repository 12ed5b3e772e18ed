// Opens the page in a browser without a secret on a command line, which every user of the computer can read: by a
// private file that redirects to the page's URL with a new code. The file is removed when its code was used, after a
// minute, and at the end. A browser that cannot read it (restricted to its own folders, or on the other side of a
// tunnel) opens the bare address, where the page prompts for the short code.

import { join } from "node:path";
import type { Home } from "../app/home.ts";
import { namesIn, removePrivate, writePrivate } from "../app/private_files.ts";
import { randomText } from "./session.ts";

/** The ways for a browser to open the page. Each can be used once. */
export interface Opening {
  /** The page's URL with a long code in its fragment, which browsers do not send. */
  url: string;
  /** A file that redirects to that URL. */
  file: string;
  /** A short code for typing. */
  code: string;
}

const NAME_BYTES = 9;
const FILE_NAME = /^open-[\w-]{12}\.html(\.tmp(-[0-9a-f]{8})?)?$/;
/** The lifetime of a long code (session.ts). */
const FILE_LIFE_MS = 60_000;

/** The files that redirect to the page of a home, by the codes that they contain. */
export class OpeningFiles implements AsyncDisposable {
  readonly #folder: string;
  readonly #paths = new Map<string, { path: string; timer: ReturnType<typeof setTimeout> }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes files of an earlier run. Throws `home_*`. */
  static async open(home: Home): Promise<OpeningFiles> {
    for (const name of await namesIn(home.path)) {
      if (FILE_NAME.test(name)) await removePrivate(join(home.path, name));
    }
    return new OpeningFiles(home.path);
  }

  /** Creates the file for a URL with a code; resolves to its path. Throws `home_*`. */
  async make(url: string, code: string): Promise<string> {
    const path = join(this.#folder, `open-${randomText(NAME_BYTES)}.html`);
    await writePrivate(path, redirectTo(url));
    const timer = setTimeout(() => void this.remove(code), FILE_LIFE_MS);
    Deno.unrefTimer(Number(timer));
    this.#paths.set(code, { path, timer });
    return path;
  }

  /** Removes the file with a code, if there is one. Never rejects: the code in a remaining file is void. */
  async remove(code: string): Promise<void> {
    const found = this.#paths.get(code);
    if (found === undefined) return;
    this.#paths.delete(code);
    clearTimeout(found.timer);
    await removePrivate(found.path).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#paths.keys()].map((code) => this.remove(code)));
  }
}

/**
 * The URL of the page at a port; with a code in its fragment, if one is given, and with a ticket in the form of
 * `formatTicket`, which the page then shows in its field.
 */
export function pageUrl(port: number, code?: string, ticket?: string): string {
  const after = ticket === undefined ? "" : `.${ticket}`;
  return `http://127.0.0.1:${port}/${code === undefined ? "" : `#${code}${after}`}`;
}

/** `url` is created by this file, of base32 and base64url, and contains no character that needs escaping in HTML. */
function redirectTo(url: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>pli</title>
<p><a href="${url}">pli</a></p>
</html>
`;
}
