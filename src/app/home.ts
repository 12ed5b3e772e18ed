// The folder of pli's persistent state: PLI_HOME, or the platform's place for the data of programs. Only this user can
// enter it.

import { isAbsolute, join, resolve } from "node:path";
import { type Clock, systemClock } from "../engine/mod.ts";
import { AppError } from "./errors.ts";
import { ProcessFolder } from "./process_folder.ts";
import { openHomeFolder, openInnerFolder } from "./home_folder.ts";
import type { OnNotice } from "./notices.ts";
import { removeInterruptedWrites } from "./private_files.ts";
import { kindOf } from "./set_aside.ts";

/** Folders in it whose folders exist as long as the process that created them, unless they have a record. */
const FOLDERS_OF_PROCESSES = ["spool", "uploads"];

/** The environment's variables, by name. */
export type Environment = (name: string) => string | undefined;

export class Home {
  private constructor(
    readonly path: string,
    /** Called with notices about its files. */
    readonly notify: OnNotice,
    /** The clock for the age of its files. */
    readonly clock: Clock,
  ) {}

  /**
   * Opens the folder, creates it if it is missing, and removes what processes that were killed left. Throws `home_*`.
   */
  static async open(
    environment: Environment,
    notify: OnNotice = () => {},
    clock: Clock = systemClock,
  ): Promise<Home> {
    const path = homePath(environment, Deno.build.os);
    await openHomeFolder(path);
    const home = new Home(path, notify, clock);
    // It can be a folder in which nothing can be removed.
    await removeInterruptedWrites(path, clock.epochMs()).catch(() => {});
    for (const name of FOLDERS_OF_PROCESSES) await home.#removeLeftovers(name);
    return home;
  }

  /** The path of an inner folder, which is created if it is missing. Throws `home_*`. */
  folder(name: string): Promise<string> {
    return openInnerFolder(this.path, name);
  }

  async #removeLeftovers(name: string): Promise<void> {
    try {
      if (kindOf(join(this.path, name)) !== "folder") return;
      await ProcessFolder.removeLeftovers(await this.folder(name), this.clock.epochMs());
    } catch {
      // An unusable folder is an error of the command that needs it.
    }
  }
}

/** The path of pli's folder on a system, by its environment. Throws `home_unknown`. */
export function homePath(environment: Environment, os: typeof Deno.build.os): string {
  // An empty variable counts as unset, as in the XDG specification.
  const configured = environment("PLI_HOME") ?? "";
  if (configured.trim() !== "") return wholePath(configured);
  if (os === "windows") return join(required(environment("LOCALAPPDATA")), "pli");
  if (os === "darwin") return join(required(environment("HOME")), "Library", "Application Support", "pli");
  const data = environment("XDG_DATA_HOME");
  // By the XDG specification a relative path is ignored.
  if (data?.startsWith("/")) return join(data, "pli");
  return join(required(environment("HOME")), ".local", "share", "pli");
}

function wholePath(path: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    // The current folder was removed, or its name is not UTF-8.
    throw new AppError("home_unknown", {}, { cause });
  }
}

/** A folder of the environment. A relative one would make pli's folder depend on the current folder. */
function required(folder: string | undefined): string {
  if (folder === undefined || !isAbsolute(folder)) throw new AppError("home_unknown", {});
  return folder;
}
