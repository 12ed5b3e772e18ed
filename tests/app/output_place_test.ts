import { deepStrictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { outputFault, outputPlace } from "../../src/app/output_place.ts";
import { needing, NOT_LINUX, NOT_UNIX } from "../left_out.ts";

Deno.test("E.8 -o is a folder if it exists or ends in a separator, otherwise a name in the folder above", async () => {
  const top = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(top, "there"));
    await Deno.writeTextFile(join(top, "file"), "");
    const at = (path: string, os?: typeof Deno.build.os) =>
      outputPlace(path, (given) => resolve(top, given.replaceAll("\\", "/")), os);
    const folder = (name: string) => ({ folder: join(top, name), name: null });
    deepStrictEqual(await at("there"), folder("there"));
    deepStrictEqual(await at("new/"), folder("new"));
    deepStrictEqual(await at("new/."), folder("new"));
    deepStrictEqual(await at("."), folder(""));
    deepStrictEqual(await at("new/.."), folder(""));
    deepStrictEqual(await at("new\\", "windows"), folder("new"));
    deepStrictEqual(await at("new"), { folder: top, name: "new" });
    deepStrictEqual(await at("file"), { folder: top, name: "file" });
    deepStrictEqual(await at("new/name..."), { folder: join(top, "new"), name: "name..." });
    deepStrictEqual(await at("there/.hidden"), { folder: join(top, "there"), name: ".hidden" });
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});

Deno.test({
  ...needing(
    "-o is refused for an open file of a process, of every kind",
    NOT_LINUX,
  ),
  fn: async () => {
    const top = await Deno.makeTempDir();
    try {
      using _file = await Deno.open(join(top, "file"), { create: true, write: true });
      const numbers = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => name);
      const links = numbers.map((number) => `/proc/self/fd/${number}`);
      const number = numbers[links.findIndex((link) => linked(link) === join(top, "file"))];
      await Deno.symlink(`/dev/fd/${number}`, join(top, "link"));
      await Deno.symlink("link", join(top, "link to link"));
      const open = [
        ...[`/proc/self/fd/${number}`, `/dev/fd/${number}`, `/proc/${Deno.pid}/fd/${number}`],
        ...[`/proc/${Deno.pid}/task/${Deno.pid}/fd/${number}`, join(top, "link"), join(top, "link to link")],
      ];
      for (const path of open) deepStrictEqual(await outputFault(path), "special_file", path);
      // Folders and files are accepted, also in memory.
      for (const path of ["/dev/shm", "/proc/self/cwd"]) deepStrictEqual(await outputFault(path), null, path);
    } finally {
      await Deno.remove(top, { recursive: true });
    }
  },
});

/** The target of a link; null where it is missing. */
function linked(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return null;
  }
}

Deno.test({
  ...needing(
    "-o is refused for a broken link and for a device, and for nothing else",
    NOT_UNIX,
  ),
  fn: async () => {
    const top = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(join(top, "file"), "");
      for (const name of ["nowhere", "file", "."]) await Deno.symlink(name, join(top, `to ${name}`));
      await Deno.symlink("loop", join(top, "loop"));
      const faults = ["to nowhere", "loop", "to file", "to .", "file", "nowhere", ""].map((name) =>
        outputFault(`${top}/${name}`)
      );
      deepStrictEqual(await Promise.all(faults), [
        ...["symlink_broken", "symlink_broken"],
        ...[null, null, null, null, null],
      ]);
      deepStrictEqual(await outputFault("/dev/null"), "special_file");
    } finally {
      await Deno.remove(top, { recursive: true });
    }
  },
});
