// The file names that Windows supports, and the conversion of others. Pure.

/** Names of devices on Windows, also with an extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(?:\.|$))/i;
/** A colon begins the name of a stream of another file. */
// deno-lint-ignore no-control-regex
const REFUSED_CHARACTERS = /[<>:"|?*\u0000-\u001f]/g;

/**
 * A name that Windows supports; unchanged if it is one.
 *
 * @param shorten applied before a final dot or space, which Windows would drop, is replaced
 */
export function windowsName(name: string, shorten: (name: string) => string = (name) => name): string {
  const allowed = name.replace(REFUSED_CHARACTERS, "_").replace(DEVICE, "$1_");
  return shorten(allowed).replace(/[. ]+$/, (ending) => "_".repeat(ending.length));
}

/** Whether Windows supports a name unchanged. */
export function isWindowsName(name: string): boolean {
  return windowsName(name) === name;
}
