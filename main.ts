// The entry point: passes the command line to the CLI, with a function that builds the engine and its ports on demand.

import about from "./package.json" with { type: "json" };
import { run } from "./src/cli/run.ts";
import { systemEnvironment } from "./src/cli/system.ts";
import { systemTerminal } from "./src/cli/system.ts";
import {
  type AddonOrigin,
  addonOrigin,
  availableBinding,
  type BindingName,
  bindingNamed,
  NATIVE_IROH_VERSION,
} from "./src/engine/native/choice.ts";
import type { EngineSetting } from "./src/cli/session.ts";
import type { Engine, HashCache } from "./src/engine/mod.ts";
import type { PageFiles } from "./src/web/assets.ts";

const PAGE_BUILDER = new URL("./scripts/build_page.ts", import.meta.url).href;

/** The binding that `PLI_BINDING` names; undefined for the best. Throws `binding_unknown`. */
function wantedBinding(): BindingName | undefined {
  return bindingNamed(systemEnvironment("PLI_BINDING") ?? "");
}

async function buildEngine(
  hashes?: HashCache,
  setting: EngineSetting = {},
): Promise<Engine> {
  const binding = wantedBinding();
  const [{ openEngine }, { failAtFileSizeLimit }] = await Promise.all([
    import("./src/library/open_engine.ts"),
    import("./src/engine/disk/file_size_signal.ts"),
  ]);
  failAtFileSizeLimit();
  return await openEngine({ binding, hashes, onListenerError: reportError, ...setting });
}

/** The built page. When pli runs from the sources, it is built first if it is missing or out of date. Throws `page_unbuilt`. */
async function pageFiles(): Promise<PageFiles> {
  try {
    // A bundle contains the page and not its builder.
    if (import.meta.url.endsWith("/main.ts")) await (await import(PAGE_BUILDER)).ensurePage();
    return (await import("./src/web/built_page.ts")).BUILT_PAGE;
  } catch (cause) {
    const { UsageError } = await import("./src/cli/errors.ts");
    throw new UsageError("page_unbuilt", {}, { cause });
  }
}

const ADDONS: Readonly<Record<AddonOrigin, string>> = {
  built: `iroh ${NATIVE_IROH_VERSION} (native)`,
  prebuilt: `iroh ${NATIVE_IROH_VERSION} (native, prebuilt)`,
  // Its version of iroh may be another one.
  prebuilt_earlier: "iroh (native, prebuilt from earlier sources)",
};

/** The network binding with its version, for `pli --version`. */
function bindingName(): string {
  return availableBinding(wantedBinding()) === "native"
    ? ADDONS[addonOrigin()!]
    : `@number0/iroh ${about.dependencies["@number0/iroh"]} (stock)`;
}

/** The path of the one-file program, which its launcher passes. Other programs that pli starts do not inherit it. */
const launchedPath = takenFromEnvironment("PLI_PROGRAM_PATH");
// The launcher hides the user's folder from the runtime, which fails where the .npmrc in it is of no use to it.
const userFolder = takenFromEnvironment("PLI_USER_HOME");
if (userFolder !== undefined) Deno.env.set("HOME", userFolder);

function takenFromEnvironment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    // A path that is not UTF-8.
    return undefined;
  } finally {
    Deno.env.delete(name);
  }
}

/** The command line that starts this pli, with absolute paths. */
function ownCommand(): string[] {
  if (launchedPath !== undefined) return [launchedPath];
  if (Deno.build.standalone) return [Deno.execPath()];
  // Loaded here only, because most commands need none of Node's modules.
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return [Deno.execPath(), "run", "-A", fileURLToPath(Deno.mainModule)];
}

/** Whether the stock binding is used because there is no addon. */
function isBindingSlow(): boolean {
  return wantedBinding() === undefined && availableBinding() === "stock";
}

const exitCode = await run(Deno.args, {
  engine: buildEngine,
  pageFiles,
  about: { version: about.version, binding: bindingName, command: ownCommand, isBindingSlow },
  terminal: systemTerminal,
  environment: systemEnvironment,
  systemLocale: ["darwin", "windows"].includes(Deno.build.os) ? navigator.language : null,
});
// The binding's own threads would keep the process alive.
Deno.exit(exitCode);
