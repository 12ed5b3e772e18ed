// The names of files, folders and types of the project that a Markdown document has in backticks.

/** The names in a document. Braces are expanded: `a/{b,c}_test` is two paths. */
export interface DocumentNames {
  /** Paths and names of files; without an extension when the last part ends in `_test`. */
  paths: string[];
  types: string[];
}

const FILE = /(\.(tsx?|mjs|rs|md|ya?ml|toml|json|patch|html|css)|_test)$/;

/** @param folders the names with which a path may begin, so that `pli/receipt/2` is none */
export function namesIn(markdown: string, folders: ReadonlySet<string>): DocumentNames {
  const names: DocumentNames = { paths: [], types: [] };
  const prose = markdown.replace(/^```[^]*?^```/gm, "");
  for (const [, code] of prose.matchAll(/`([^`\s]+)`/g)) {
    if (/^[A-Z][a-z]+([A-Z][a-z]+)*$/.test(code)) names.types.push(code);
    for (const path of expanded(code)) {
      if (!/^[\w.][\w./-]*$/.test(path)) continue;
      if (FILE.test(path) || (path.includes("/") && folders.has(path.split("/")[0]))) names.paths.push(path);
    }
  }
  return names;
}

/** `a{b,c}d` as `abd` and `acd`. */
function expanded(text: string): string[] {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(text);
  if (braces === null) return [text];
  const [, before, list, after] = braces;
  return list.split(",").flatMap((part) => expanded(before + part + after));
}
