// The archives of a release: for each a system, the way its program is built, and the names. The workflow builds those
// of the launcher on one Linux runner, and those of `deno compile` on a runner of their system.

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { TRIPLES } from "../cross_build.ts";
import { exists } from "../programs.ts";
import { projectVersion } from "../project.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where the archives are. */
export const FOLDER = join(ROOT, "dist", "release");

export interface Archive {
  /** In the commands and in the name of the file. */
  name: string;
  /** The system by rustc's name. */
  triple: string;
  /** For the launcher, the platform that scripts/one_file.ts builds for; null for `deno compile`. */
  oneFile: string | null;
  program: "pli" | "pli.exe";
  ending: "tar.gz" | "zip";
}

/**
 * Both ways stay until runs on real systems have decided between them. Where a system has both, the name of the archive
 * of `deno compile` tells; macOS has that one alone, because linking for macOS needs Apple's SDK.
 */
export const ARCHIVES: readonly Archive[] = [
  oneFile("linux-x64", "linux-x64-gnu"),
  oneFile("linux-arm64", "linux-arm64-gnu"),
  oneFile("windows-x64", "win32-x64"),
  compiled("linux-x64-deno-compile", TRIPLES["linux-x64-gnu"]),
  compiled("linux-arm64-deno-compile", TRIPLES["linux-arm64-gnu"]),
  compiled("windows-x64-deno-compile", TRIPLES["win32-x64"]),
  compiled("macos-x64", "x86_64-apple-darwin"),
  compiled("macos-arm64", "aarch64-apple-darwin"),
];

/** Throws an Error that lists the names if there is no such archive. */
export function archiveNamed(name: string | undefined): Archive {
  const archive = ARCHIVES.find((each) => each.name === name);
  if (archive !== undefined) return archive;
  throw new Error(`${name} is none of ${ARCHIVES.map((each) => each.name).join(", ")}`);
}

export function fileOf({ name, ending }: Archive, version: string): string {
  return `pli-v${version}-${name}.${ending}`;
}

/** The path of an archive in FOLDER. Throws an Error if it is not built. */
export async function builtArchive(archive: Archive): Promise<string> {
  const path = join(FOLDER, fileOf(archive, await projectVersion()));
  if (await exists(path)) return path;
  throw new Error(`${path} is missing: npm run release:archive -- ${archive.name} builds it`);
}

function oneFile(name: string, platform: string): Archive {
  return { name, triple: TRIPLES[platform], oneFile: platform, ...formOf(name) };
}

function compiled(name: string, triple: string): Archive {
  return { name, triple, oneFile: null, ...formOf(name) };
}

function formOf(name: string): Pick<Archive, "program" | "ending"> {
  return name.startsWith("windows")
    ? { program: "pli.exe", ending: "zip" }
    : { program: "pli", ending: "tar.gz" };
}
