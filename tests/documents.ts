// The documents for users, and their blocks of code. A block of commands has the language `sh`, `console` or
// `powershell`. It is run as it is written by scripts/document_blocks_test.ts, unless a comment before it says otherwise:
//
//   <!-- run by PATH -->      another test runs it
//   <!-- not run: REASON -->  no test does

import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The documents for users. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  ...[...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`).filter((path) =>
    path.endsWith(".md")
  ).sort(),
];

export function readDocument(path: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}`);
}

export interface Block {
  document: string;
  /** Of its first line in the document. */
  line: number;
  /** Empty if it has none. */
  language: string;
  text: string;
  /** The path of the test that runs it; null if that is scripts/document_blocks_test.ts, or none. */
  runBy: string | null;
  /** Why no test runs it; null if one does. */
  notRun: string | null;
}

/** The blocks of a document, in order. */
export function blocksOf(document: string, text = readDocument(document)): Block[] {
  const found = text.matchAll(/(?:^<!-- ([^]*?) -->\n+)?^```(.*)\n([^]*?)^```$/gm);
  return [...found].map(({ index, 0: whole, 1: comment = "", 2: info, 3: block }) => {
    const before = text.slice(0, index + whole.indexOf("```"));
    const [, runBy = null] = /^run by (\S+)$/.exec(comment) ?? [];
    const [, notRun = null] = /^not run: ([^]+)$/.exec(comment) ?? [];
    const [language] = info.split(" ");
    return { document, line: before.split("\n").length, language, text: block, runBy, notRun };
  });
}

/** Whether a block has commands. */
export function hasCommands({ language }: Block): boolean {
  return ["sh", "console", "powershell"].includes(language);
}

/** The code of a document within its sentences and tables. */
export function inlineCode(text: string): string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) =>
    code.replaceAll(/\s+/g, " ").replaceAll("\\|", "|")
  );
}
