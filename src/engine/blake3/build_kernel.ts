// Compiles kernel/ to WebAssembly and writes it, as base64, to kernel_wasm.ts: run `npm run kernel` after each
// change there. The result depends on nothing but the sources and the compiler's version; a test compares it
// with what is committed.

import { main as compile } from "assemblyscript/asc";

const KERNEL_FOLDER = new URL("./kernel/", import.meta.url);
const GENERATED = new URL("./kernel_wasm.ts", import.meta.url);

const OPTIONS = "index.ts -O3 --noAssert --enable simd --runtime stub --initialMemory 2 --maximumMemory 2";
const OUTPUT = "kernel.wasm";

/** Compiles the kernel. Throws the compiler's message. */
export async function compileKernel(): Promise<Uint8Array<ArrayBuffer>> {
  const said: string[] = [];
  const log = { write: (text: string) => void said.push(text) };
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const { error } = await compile([...OPTIONS.split(" "), "-o", OUTPUT], {
    stdout: log,
    stderr: log,
    readFile: readSource,
    writeFile: (name, contents) => {
      if (name === OUTPUT) wasm = Uint8Array.from(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) {
    throw new Error(`the kernel does not compile: ${said.join("")}`, { cause: error });
  }
  return wasm;
}

/** The text of kernel_wasm.ts. */
export function moduleText(wasm: Uint8Array): string {
  return `// Generated from kernel/ by build_kernel.ts: change it there.\n\n` +
    `export const KERNEL_WASM_BASE64 =\n  "${wasm.toBase64()}";\n`;
}

/** A file of the kernel, or null: the compiler also requests names that do not exist. */
function readSource(name: string): string | null {
  try {
    const text = Deno.readTextFileSync(new URL(name, KERNEL_FOLDER));
    return name === "compress.ts" ? unrollRounds(text) : text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Unrolls the loop over the rounds, which the compiler does not do. */
function unrollRounds(source: string): string {
  const loop = /^ {2}for \(let round = 0; round < (\d+); round\+\+\) (\{\n.*?^ {2}\}\n)/ms;
  if (!loop.test(source)) throw new Error("the kernel has no loop over the rounds");
  return source.replace(loop, (_loop, rounds: string, body: string) => `  ${body}`.repeat(Number(rounds)));
}

if (import.meta.main) {
  await Deno.writeTextFile(GENERATED, moduleText(await compileKernel()));
}
