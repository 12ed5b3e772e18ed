// Paths of the disk among the arguments of a command line.

/** The arguments that name an entry of the current folder; links are not followed. */
export async function namesOfFiles(words: readonly string[]): Promise<string[]> {
  const there = await Promise.all(words.map(isThere));
  return words.filter((_, at) => there[at]);
}

/**
 * A path as it was typed. Deno removes a carriage return from the end of an argument, and the name of a folder's icon
 * on macOS ends with one. So a path that does not exist without it, but does with it, had it.
 */
export async function typedPath(path: string): Promise<string> {
  if (await isThere(path)) return path;
  return await isThere(`${path}\r`) ? `${path}\r` : path;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Whether a path leads to a pipe, which can be read to its end, unlike a device or a socket. */
export function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo ?? false;
  } catch {
    return false;
  }
}
