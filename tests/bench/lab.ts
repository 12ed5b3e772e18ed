// The environment of the cases: the options, one folder, files to send, and the processes. All of it is removed at the
// end, also after a failure or an interruption.

import { randomFillSync } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goTool } from "../interop/go_programs.ts";
import { Measured, type MeasuredOptions } from "./measured.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const BUNDLE = fileURLToPath(new URL("../../dist/pli.js", import.meta.url));
const PIECE_BYTES = 1024 * 1024;

export interface LabOptions {
  pairs: number;
  /** Factor of the sizes of the cases. */
  scale: number;
  /** Whether the bundled program runs instead of the sources. */
  isBundled: boolean;
  /** Parent of the folder; by default the system's temporary folder. */
  parent?: string;
}

export class Lab implements AsyncDisposable {
  readonly #running = new Set<Measured>();
  readonly #files = new Map<string, Promise<string>>();
  #count = 0;

  private constructor(readonly options: LabOptions, readonly folder: string, readonly measure: string) {}

  static async open(options: LabOptions): Promise<Lab> {
    const measure = await goTool(new URL("./measure/", import.meta.url));
    const folder = await Deno.makeTempDir({ prefix: "pli-bench-", dir: options.parent });
    await spread(folder);
    return new Lab(options, folder, measure);
  }

  get pliCommand(): [string, ...string[]] {
    return [Deno.execPath(), "run", "-A", this.options.isBundled ? BUNDLE : MAIN];
  }

  /** An unused path. */
  freshPath(name: string): string {
    return join(this.folder, `${name}-${++this.#count}`);
  }

  scaled(amount: number): number {
    return Math.max(1, Math.round(amount * this.options.scale));
  }

  /** A file of bytes that do not compress, the same for every case. */
  file(sizeBytes: number): Promise<string> {
    return this.#once(`noise-${sizeBytes}.bin`, async (path) => {
      using file = await Deno.open(path, { write: true, createNew: true });
      const piece = new Uint8Array(PIECE_BYTES);
      for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) {
        await writeAll(file, randomFillSync(piece).subarray(0, left));
      }
    });
  }

  /** A file of zeros that takes no space. */
  sparseFile(sizeBytes: number): Promise<string> {
    return this.#once(`sparse-${sizeBytes}.bin`, async (path) => {
      using file = await Deno.open(path, { write: true, createNew: true });
      await file.truncate(sizeBytes);
    });
  }

  /** A folder of folders with a hundred files each. */
  smallFiles(count: number, sizeBytes: number): Promise<string> {
    return this.#once(`${count}-files`, async (path) => {
      for (let i = 0; i < count; i++) {
        const folder = join(path, String(Math.floor(i / 100)).padStart(4, "0"));
        if (i % 100 === 0) await Deno.mkdir(folder, { recursive: true });
        await Deno.writeFile(join(folder, `file-${i}.bin`), randomFillSync(new Uint8Array(sizeBytes)));
      }
    });
  }

  /** Starts a program and measures it. */
  start(command: string[], options: MeasuredOptions = {}): Measured {
    const started = new Measured(this.measure, this.freshPath("usage"), command, {
      cwd: this.folder,
      ...options,
    });
    this.#running.add(started);
    started.ended.finally(() => this.#running.delete(started)).catch(() => {});
    return started;
  }

  /** Runs a program without measuring it. Resolves to its output, and throws when it fails. */
  async output(program: string, ...args: string[]): Promise<string> {
    const options = { args, stdin: "null", env: { DENO_NO_UPDATE_CHECK: "1" } } as const;
    const { success, stdout, stderr } = await new Deno.Command(program, options).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`${program} ${args.join(" ")}: ${text.decode(stderr)}`);
    return text.decode(stdout);
  }

  /** Prints a line of progress. */
  async say(text: string): Promise<void> {
    await writeAll(Deno.stderr, new TextEncoder().encode(`${text}\n`));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.kill()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll();
    await Deno.remove(this.folder, { recursive: true });
  }

  #once(name: string, make: (path: string) => Promise<void>): Promise<string> {
    const path = join(this.folder, name);
    const made = this.#files.get(name) ?? make(path).then(() => path);
    this.#files.set(name, made);
    return made;
  }
}

/**
 * Sets the attribute of ext4 that spreads the folders in a folder over block groups, so that files that one run left or
 * removed do not slow the next. Other file systems have no such attribute.
 */
async function spread(folder: string): Promise<void> {
  const chattr = new Deno.Command("chattr", { args: ["+T", folder], stdout: "null", stderr: "null" });
  await chattr.output().catch(() => {});
}

export async function writeAll(
  file: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}
