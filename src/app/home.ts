// The folder where pli keeps what it remembers: PLI_HOME, else the place that the platform has for the data
// of programs. Only this user can enter it.

import { join, resolve } from "node:path";
import { AppError } from "./errors.ts";
import { makePrivateFolder } from "./private_files.ts";

/** The environment's variables, by name. */
export type Environment = (name: string) => string | undefined;

export class Home {
  private constructor(readonly path: string) {}

  /** Opens the folder, made when missing. Throws `home_*`. */
  static async open(environment: Environment): Promise<Home> {
    const path = homePath(environment, Deno.build.os);
    await makePrivateFolder(path);
    return new Home(path);
  }

  /** The path of a folder inside, made when missing. Throws `home_*`. */
  async folder(name: string): Promise<string> {
    const path = join(this.path, name);
    await makePrivateFolder(path);
    return path;
  }
}

/** Where pli's folder is on a system, by its environment. Throws `home_unknown`. */
export function homePath(environment: Environment, os: typeof Deno.build.os): string {
  // An empty variable counts as none, as XDG wants it.
  const given = environment("PLI_HOME") || undefined;
  if (given !== undefined) return resolve(given);
  if (os === "windows") return join(required(environment("LOCALAPPDATA")), "pli");
  if (os === "darwin") return join(required(environment("HOME")), "Library", "Application Support", "pli");
  const data = environment("XDG_DATA_HOME");
  // XDG: a relative path is to be ignored.
  if (data?.startsWith("/")) return join(data, "pli");
  return join(required(environment("HOME")), ".local", "share", "pli");
}

function required(folder: string | undefined): string {
  if (!folder) throw new AppError("home_unknown", {});
  return folder;
}
