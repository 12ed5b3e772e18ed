// E.9: the error of pli for each error of the system at each call of the disk. strace makes the system calls fail. A
// short run tries a part of the errors.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing, NO_ADDON, NOT_LINUX, unlessSucceeds } from "../../left_out.ts";
import { bundleForNode, inTemporaryFolder, NO_NODE } from "../../node_program.ts";

const PROGRAM = fileURLToPath(new URL("./every_call.ts", import.meta.url));
const IS_LONG = Deno.env.get("PLI_LONG") !== undefined;

/** The system calls that fail, at the given paths alone. */
const CALLS =
  "link,linkat,rename,renameat,renameat2,mkdir,mkdirat,openat,write,pwrite64,fsync,fdatasync,statx,lstat," +
  "newfstatat,unlink,unlinkat,rmdir,getdents64";
const CALLS_OF_DISK = [
  "link",
  "rename",
  "makeFolder",
  "createFolders",
  "create",
  "createFiles",
  "write",
  "writeAside",
  "sync",
  "syncFolder",
  "list",
  "status",
  "openRead",
  "remove",
];

/** The result of every call, unless the second part has another one. */
type Row = [general: string, others?: Record<string, string>];

const NO_LINKS = { link: "null" };
const NEW_NAME = { makeFolder: "", createFolders: "", create: "", createFiles: "", rename: "" };

function forNew(code: string): Record<string, string> {
  return Object.fromEntries(Object.keys(NEW_NAME).map((call) => [call, code]));
}

const ROWS: Record<string, Row> = {
  ENOSPC: ["disk_full"],
  EDQUOT: ["disk_full"],
  EFBIG: ["disk_file_too_large"],
  EROFS: ["disk_read_only"],
  EACCES: ["disk_denied", { ...NO_LINKS, syncFolder: "undefined" }],
  EPERM: ["disk_denied", { ...NO_LINKS, syncFolder: "undefined" }],
  EIO: ["disk_failed"],
  ENOSYS: ["disk_failed", NO_LINKS],
  EOPNOTSUPP: ["disk_failed", { ...NO_LINKS, syncFolder: "undefined", openRead: "undefined" }],
  EMLINK: ["disk_failed", NO_LINKS],
  EXDEV: ["disk_other_volume"],
  EINVAL: ["disk_failed", { ...forNew("disk_name_invalid"), ...NO_LINKS, syncFolder: "undefined" }],
  ENAMETOOLONG: ["disk_name_invalid"],
  ENODEV: ["disk_gone", { openRead: "undefined" }],
  ENXIO: ["disk_gone", { openRead: "undefined" }],
  ESTALE: ["disk_gone"],
  ENOTCONN: ["disk_gone"],
  ETIMEDOUT: ["disk_gone"],
  EHOSTDOWN: ["disk_gone"],
  EREMOTEIO: ["disk_gone"],
  EBUSY: ["disk_in_use", { rename: "false" }],
  ETXTBSY: ["disk_in_use"],
  EMFILE: ["too_many_open_files"],
  ENFILE: ["too_many_open_files"],
};
const SHORT = ["EDQUOT", "ENOSYS", "ESTALE", "EINVAL"];

/** Runs the program with an error at all of its paths. Resolves to the result of each call. */
async function results(
  name: string,
  command: readonly string[],
  binding: string,
): Promise<Map<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    for (const file of ["old", "written", "looked", "removed"]) {
      await Deno.writeTextFile(`${folder}/${file}`, "x");
    }
    await Deno.mkdir(`${folder}/folder`);
    const names = ["old", "linked", "renamed", "made", "created", "folder", "looked", "removed"];
    const paths = names.flatMap((file) => ["-P", `${folder}/${file}`]);
    // The written file is opened without an error.
    const inject = (calls: string) => ["-e", `inject=${calls}:error=${name}`];
    const trace = async (args: string[]): Promise<string> => {
      const { stdout, stderr } = await new Deno.Command("strace", {
        args: [
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          ...args,
          ...command,
          folder,
          binding,
        ],
        env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    };
    const text = await trace([...paths, ...inject(CALLS)]);
    const written = await trace(["-P", `${folder}/written`, ...inject("write,pwrite64,fsync,fdatasync")]);
    const lines = (output: string) =>
      output.trim().split("\n").map((
        line,
      ): [string, string] => [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)]);
    const all = new Map(lines(text));
    for (const [call, result] of lines(written)) {
      if (/^(write|writeAside|sync)$/.test(call)) all.set(call, result);
    }
    return all;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NO_STRACE = NOT_LINUX ?? await unlessSucceeds("there is no strace", "strace", "-V");
const ON_DENO = [Deno.execPath(), "run", "-A", "--no-check", PROGRAM];

for (const [name, row] of Object.entries(ROWS)) {
  const isShort = SHORT.includes(name);
  for (const binding of ["native", "stock"]) {
    if (!IS_LONG && !(binding === "stock" && isShort)) continue;
    Deno.test({
      ...needing(
        `E.9 ${name} at each call of the disk is as in the table (${binding})`,
        NO_STRACE,
        binding === "native" ? NO_ADDON : null,
      ),
      fn: () => check(name, row, ON_DENO, binding),
    });
  }
  if (!IS_LONG && !isShort) continue;
  Deno.test({
    ...needing(`E.9 ${name} at each call of the disk is as in the table (Node.js)`, NO_STRACE, NO_NODE),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const program = await bundleForNode(new URL("./every_call.ts", import.meta.url), folder);
        await check(name, row, ["node", program], "stock");
      }),
  });
}

async function check(
  name: string,
  [general, others = {}]: Row,
  command: readonly string[],
  binding: string,
): Promise<void> {
  const given = await results(name, command, binding);
  const expected = Object.fromEntries(CALLS_OF_DISK.map((call) => [call, others[call] ?? general]));
  assert.deepEqual(Object.fromEntries(CALLS_OF_DISK.map((call) => [call, given.get(call)])), expected);
}
