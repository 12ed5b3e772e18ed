// Makes a bundle load Node's modules on demand. A bundle is one module, so its imports from Node are loaded even for
// `pli --version`, and take most of that time. But the bundler wraps each of pli's modules that is imported on demand
// in an initialiser, to which the imports are moved:
//
//     // src/cli/globs.ts                        // src/cli/globs.ts
//     import { posix } from "node:path";         var posix;
//     …                                          …
//     var init_globs = __esm({              ->   var init_globs = __esm({
//       "src/cli/globs.ts"() {                     "src/cli/globs.ts"() {
//                                                    ({ posix } = process.getBuiltinModule("node:path"));
//
// HTTP/2 is not loaded at all. The library that serves the page only checks whether a request is one of HTTP/2, which
// the page's server refuses. Loading it takes a tenth of the time to listen, so empty classes replace it.

const NEVER = "node:http2";

/** The beginning of the text of one of pli's modules. */
const MODULE = /^(?=\/\/ \S+$)/m;
const IMPORT = /^import \{([^}]+)\} from ("node:[^"]+");$/gm;
const INITIALISER = /^ {2}"[^"]+"\(\) \{$/m;

/**
 * The bundle with the imports moved. Those of modules that are loaded at the start stay, and so do those in a form that
 * pli does not use.
 */
export function nodeOnDemand(bundle: string): string {
  return bundle.split(MODULE).map(moveImports).join("");
}

function moveImports(module: string): string {
  if (!INITIALISER.test(module)) return module;
  let loading = "";
  const rest = module.replace(IMPORT, (_statement, list: string, from: string) => {
    const names = list.trim().split(/\s*,\s*/).map((name) => name.split(" as "));
    const own = names.map((name) => name.at(-1));
    const pattern = names.map((name) => name.join(": ")).join(", ");
    loading += from === `"${NEVER}"`
      ? own.map((name) => `\n    ${name} = class {};`).join("")
      : `\n    ({ ${pattern} } = process.getBuiltinModule(${from}));`;
    return `var ${own.join(", ")};`;
  });
  return rest.replace(INITIALISER, (start) => start + loading);
}
