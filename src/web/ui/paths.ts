// Paths of this computer, with its separator.

/** The path of an entry of a folder. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes("\\") ? "\\" : "/";
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}
