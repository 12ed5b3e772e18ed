// The scripts of `--completions` in their shells: the completions of a typed line.

import assert from "node:assert/strict";
import { loadCommands } from "../../src/cli/commands/table.ts";
import { completionScript } from "../../src/cli/completions.ts";
import type { Shell } from "../../src/cli/options.ts";
import { wordsFor } from "../../src/cli/words.ts";
import { needing, without } from "../left_out.ts";
import { inTime } from "../time_limits.ts";

/** A typed line, completions of its last word, and words that are none. */
const CASES: readonly (readonly [line: string, among: readonly string[], not?: readonly string[]])[] = [
  ["pli ", ["send", "receive", "resume", "history", "inspect", "ui"]],
  ["pli rec", ["receive"]],
  ["pli --comp", ["--completions"]],
  ["pli --completions z", ["zsh"]],
  ["pli send --ke", ["--keep"]],
  ["pli tx --skip-un", ["--skip-unreadable"]],
  ["pli send --ticket ", ["auto", "relay", "id", "addresses", "all"], ["folder/"]],
  ["pli send fi", ["file's name.txt"]],
  ["pli send --log-file fi", ["file's name.txt"]],
  ["pli receive --o", ["--only", "--out", "--overwrite"], ["--keep"]],
  ["pli receive fi", [], ["file's name.txt"]],
  ["pli ui --dir f", ["folder"], ["file's name.txt"]],
  ["pli history --r", ["--remove"], ["--relay"]],
];

async function inFolder(
  shell: Shell,
  test: (folder: string, script: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pli-completions-" });
  try {
    await Deno.mkdir(`${folder}/folder`);
    await Deno.writeTextFile(`${folder}/file's name.txt`, "");
    const script = completionScript(shell, await loadCommands(), await wordsFor("en"));
    await Deno.writeTextFile(`${folder}/.script`, script);
    await test(folder, script);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function printed(cwd: string, program: string, args: string[], input = ""): Promise<string> {
  const options = { args, cwd, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const process = new Deno.Command(program, { ...options, env: { HOME: cwd, TERM: "dumb" } }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  return new TextDecoder().decode((await process.output()).stdout);
}

/** zsh at a pseudoterminal. */
class TypedShell implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #screen = "";

  constructor(cwd: string) {
    this.#process = new Deno.Command("script", {
      args: ["-qefc", "zsh -f -i", "/dev/null"],
      cwd,
      env: { HOME: cwd, TERM: "dumb" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** The rest of the next line that begins with the mark. */
  async marked(): Promise<string> {
    for (;;) {
      const [found, text] = /(?:^|[\r\n])@ ([^\r\n]*)[\r\n]/.exec(this.#screen) ?? [];
      if (text !== undefined) {
        this.#screen = this.#screen.slice(this.#screen.indexOf(found!) + found!.length);
        return text.trimEnd();
      }
      const { value, done } = await inTime(this.#output.read(), "zsh's answer");
      if (done) throw new Error(`zsh has ended: ${this.#screen}`);
      this.#screen += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.type("exit\n");
    await this.#input.close();
    await this.#output.cancel();
    await this.#process.status;
  }
}

function check(line: string, found: readonly string[]): void {
  const [, among, not = []] = CASES.find(([each]) => each === line)!;
  const names = found.map((each) => each.replace(/\/$/, ""));
  for (const each of among) assert.ok(names.includes(each), `${line}: ${each} in ${found}`);
  for (const each of not) {
    assert.ok(!names.includes(each.replace(/\/$/, "")), `${line}: no ${each} in ${found}`);
  }
}

Deno.test({
  ...needing("completions: bash completes commands, options, values and paths", without("bash")),
  fn: () =>
    inFolder("bash", async (folder) => {
      for (const [line] of CASES) {
        const words = line.split(" ").map((word) => `'${word}'`).join(" ");
        // `compopt` fails outside of a running completion.
        const script = `compopt() { :; }; source .script; COMP_WORDS=(${words}); ` +
          `COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _pli; printf '%s\\n' "\${COMPREPLY[@]}"`;
        check(line, (await printed(folder, "bash", ["-c", script])).split("\n"));
      }
    }),
});

Deno.test({
  ...needing("completions: fish completes commands, options, values and paths", without("fish")),
  fn: () =>
    inFolder("fish", async (folder) => {
      for (const [line] of CASES) {
        const output = await printed(folder, "fish", [
          "-c",
          `source .script; complete -C ${JSON.stringify(line)}`,
        ]);
        check(line, output.split("\n").map((each) => each.replace(/\t.*/, "").replaceAll("\\", "")));
      }
    }),
});

Deno.test({
  ...needing("completions: zsh completes what is typed at its prompt", without("zsh", "script")),
  fn: () =>
    inFolder("zsh", async (folder) => {
      const lines = CASES.filter(([, among]) => among.length === 1).map(([line]) => line);
      await using shell = new TypedShell(folder);
      // With EDITOR=vi, as npm sets it, zsh would have the keys of vi.
      await shell.type(
        "PS1=; bindkey -e; autoload -Uz compinit; compinit -u -D; source .script; print -r -- '@ ready'\n",
      );
      assert.equal(await shell.marked(), "ready");
      for (const line of lines) {
        // Tab completes a line. A command inserted at its beginning prints it after a mark.
        await shell.type(`${line}\t\x01print -r -- @ \n`);
        const completed = await shell.marked();
        check(line, [completed.slice(line.lastIndexOf(" ") + 1)]);
      }
    }),
});

Deno.test("completions: every option of every command is in every script", async () => {
  const commands = await loadCommands();
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const script = completionScript(shell, commands, await wordsFor("en"));
    for (const { OPTIONS } of Object.values(commands)) {
      for (const name of Object.keys(OPTIONS)) {
        assert.ok(script.includes(shell === "fish" ? `-l ${name} ` : `--${name}`), `${shell}: ${name}`);
      }
    }
  }
});
