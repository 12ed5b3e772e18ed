// Runs a block of commands of a document as it is written, by bash, in a checkout that has the folder holiday/ and the
// file letter.txt. Two computers are played by one: `pli send` goes on in the background once it has printed a ticket,
// and `pli receive`, `resume` and `inspect` run in another folder, the receiver's. Changed are only these words:
//
//   TICKET, blob…  the ticket of the last `pli send`
//   send, …        `--relay disabled` behind them, without a --relay of their own

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Running } from "../product/processes.ts";
import { pliCommand } from "../product/program.ts";
import { noise, readTree, type Tree, writeTree } from "../product/trees.ts";
import { eventually } from "../time_limits.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What `npm start`, `npm run package` and `deno run main.ts` need of a checkout. */
const COPIED = [
  "LICENSE",
  "README.md",
  "deno.json",
  "docs",
  "main.ts",
  "package-lock.json",
  "package.json",
  "scripts",
  "src",
  "static",
];
const LINKED = ["native", "node_modules"];

/** What is sent in the documents. */
export const SENT: Tree = {
  "holiday/beach.jpg": noise(300_000, 1),
  "holiday/2024/hill.jpg": noise(20_000, 2),
  "holiday/notes.tmp": noise(100, 3),
  "letter.txt": noise(2_000, 4),
};

/** `pli`, and the programs by which the documents start it. */
const ACTOR = `#!/bin/bash
action=; words=()
for word in "$@"; do
  case $word in TICKET | blob*…) word=$(cat "$SCENE/ticket") ;; esac
  words+=("$word")
  case $action$word in send | receive | resume | inspect)
    action=$word
    [[ " $* " == *" --relay "* ]] || words+=(--relay disabled)
  esac
done
case $action in
send)
  log=$(mktemp "$SCENE/sender-XXXXXX")
  exec 3<&0
  setsid bash -c 'trap : TERM; log=$1; shift; "$@"; echo $? >"$log.code"' sender "$log" REAL "\${words[@]}" <&3 >"$log" 2>&1 3<&- &
  echo $! >"$log.pid"
  until grep -qE 'blob[a-z2-7]{90,}' "$log"; do
    [ ! -e "$log.code" ] || { cat "$log" >&2; exit 1; }
    sleep 0.05
  done
  cat "$log"
  grep -oEm1 'blob[a-z2-7]{90,}' "$log" >"$SCENE/ticket"
  [[ " $* " == *" --keep "* ]] || echo "$log" >"$SCENE/single"
  ;;
receive | resume | inspect)
  cd "$SCENE/there" && REAL "\${words[@]}" || exit
  [ "$action" != receive ] || [ ! -e "$SCENE/single" ] || mv "$SCENE/single" "$(cat "$SCENE/single").received"
  ;;
*) exec REAL "\${words[@]}" ;;
esac
`;

export class Scene {
  readonly #bench: Bench;
  readonly #wrapper: readonly string[];

  private constructor(bench: Bench, wrapper: readonly string[]) {
    this.#bench = bench;
    this.#wrapper = wrapper;
  }

  /**
   * @param wrapper the command by which all run, for example `ip netns exec NAME`
   * @param programs further commands of the documents, by their names
   */
  static async make(
    bench: Bench,
    wrapper: readonly string[] = [],
    programs: Readonly<Record<string, string>> = {},
  ): Promise<Scene> {
    for (const name of ["here", "there"]) {
      const folder = bench.path(name);
      await Deno.mkdir(folder);
      for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
      for (const path of LINKED) await Deno.symlink(join(ROOT, path), join(folder, path));
    }
    await writeTree(bench.path("here"), SENT);
    await Deno.mkdir(bench.path("bin"));
    const real = { pli: pliCommand, npm: [programPath("npm")], deno: [Deno.execPath()] };
    for (const [name, command] of Object.entries(real)) {
      const words = command.map((word) => `'${word}'`).join(" ");
      await Deno.writeTextFile(bench.path("bin", name), ACTOR.replaceAll("REAL", words), { mode: 0o755 });
    }
    for (const [name, path] of Object.entries(programs)) await Deno.symlink(path, bench.path("bin", name));
    return new Scene(bench, wrapper);
  }

  /** Runs a block, and the senders that it has started. Fails if a command fails, or the sender of what was received. */
  async run(block: string): Promise<Running> {
    const env = {
      PATH: `${this.#bench.path("bin")}${delimiter}${Deno.env.get("PATH")}`,
      SCENE: this.#bench.folder,
      PLI_HOME: this.#bench.path("home"),
    };
    const [program, ...args] = [...this.#wrapper, "bash", "-euo", "pipefail", "-c", block];
    const running = this.#bench.run(program, args, { env, cwd: this.#bench.path("here") });
    try {
      assert.equal(await running.ended(), 0, `${block}${running.output}`);
      for (const sender of this.#senders((name) => name.endsWith(".received"))) {
        await eventually(() => this.#read(`${sender}.code`) !== null, `the end of ${sender}`);
        assert.equal(this.#read(`${sender}.code`)?.trim(), "0", `${block}${this.#read(sender)}`);
      }
    } finally {
      for (const sender of this.#senders((name) => name.endsWith(".pid"))) {
        const hasEnded = () => this.#read(`${sender}.code`) !== null;
        if (!hasEnded()) endGroup(Number(this.#read(`${sender}.pid`)));
        await eventually(hasEnded, `the end of ${sender}`);
        await Deno.remove(this.#bench.path(`${sender}.pid`));
      }
    }
    return running;
  }

  /** What is in the receiver's folder besides the checkout. */
  async received(): Promise<Tree> {
    const tree: Tree = {};
    for (const { name } of Deno.readDirSync(this.#bench.path("there"))) {
      if ([...COPIED, ...LINKED].includes(name)) continue;
      const path = this.#bench.path("there", name);
      if (Deno.statSync(path).isFile) tree[name] = await Deno.readFile(path);
      else Object.assign(tree, await readTree(path, `${name}/`));
    }
    return tree;
  }

  #senders(isIt: (name: string) => boolean): string[] {
    const names = [...Deno.readDirSync(this.#bench.folder)].map(({ name }) => name);
    return names.filter(isIt).map((name) => name.replace(/\.\w+$/, ""));
  }

  #read(name: string): string | null {
    try {
      return Deno.readTextFileSync(this.#bench.path(name));
    } catch {
      return null;
    }
  }
}

/** Asks the processes of a group to end. Their shell waits for pli, and writes its code. */
function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGTERM");
  } catch {
    // It has ended already.
  }
}

function programPath(name: string): string {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  return found ?? name;
}
