// Node's modules in a bundle, loaded by what needs them instead of at each start. A bundle is one module, so
// what it imports from Node is loaded even for `pli --version`, and takes twice as long as all else of it. But
// the bundler wraps each of our modules that is loaded on demand in an initialiser, and there the imports can go:
//
//     // src/cli/globs.ts                        // src/cli/globs.ts
//     import { posix } from "node:path";         var posix;
//     …                                          …
//     var init_globs = __esm({              ->   var init_globs = __esm({
//       "src/cli/globs.ts"() {                     "src/cli/globs.ts"() {
//                                                    ({ posix } = process.getBuiltinModule("node:path"));
//
// HTTP/2 is not loaded at all: what serves the page asks whether a request is one, and the page's server refuses
// those. Its part of Node is a tenth of what listening takes, so there stand classes of which nothing is one.

const NEVER = "node:http2";

/** Where the text of one of our modules begins. */
const MODULE = /^(?=\/\/ \S+$)/m;
const IMPORT = /^import \{([^}]+)\} from ("node:[^"]+");$/gm;
const INITIALISER = /^ {2}"[^"]+"\(\) \{$/m;

/**
 * The bundle with the imports moved. Those of modules that are loaded at the start anyway stay, and so do those
 * in a form that pli does not use.
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
