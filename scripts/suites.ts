// Assigns tests to the quick run, the full one and the long one, of which tests/structure_test.ts checks that every test
// file is in one; and to the runs on other systems.

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** `bundle`: one file of JavaScript, run by Deno; `one_file`: the program that scripts/one_file.ts builds. */
export type ProgramKind = "bundle" | "one_file";

/** Other systems than the computer's, run on it by qemu and Wine. */
export type SystemName = "arm64" | "windows";

export interface Suite {
  /** Files and folders below the root of the project. */
  paths: readonly string[];
  /** Of these paths those that belong to another suite of the run. */
  except?: readonly string[];
  /** Whether several files run at the same time, in one process. */
  isParallel?: true;
  /** What its end-to-end tests start instead of the sources. */
  program?: ProgramKind;
  /** Of those on other systems: whether `.ci/run` leaves it out. */
  isLong?: true;
}

/**
 * Files of the quick run that count their process's resources, change its current folder, or drive a browser: they run
 * one by one.
 */
const ONE_BY_ONE = [
  "tests/hostile/silent_provider_test.ts",
  "tests/cli/current_folder_test.ts",
  "tests/browser/page_test.ts",
];

/** Files of the quick run's folders that take too long for it. */
const FULL_ONLY = [
  "tests/crash/disk_full_test.ts",
  "tests/crash/few_descriptors_test.ts",
  "tests/crash/other_volume_test.ts",
  "tests/crash/receiver_killed_test.ts",
  "tests/crash/sender_killed_test.ts",
  "tests/crash/system_errors_test.ts",
  "tests/crash/writes_killed_test.ts",
  "tests/engine/blake3/kernel_test.ts",
  "tests/hostile/budget_test.ts",
  "tests/hostile/changing_source_test.ts",
  "tests/hostile/claims_test.ts",
  "tests/hostile/deep_names_test.ts",
  "tests/library/package_test.ts",
  "tests/product/file_size_limit_test.ts",
  "tests/product/hash_cache_test.ts",
  "tests/product/history_test.ts",
  "tests/product/kept_names_test.ts",
  "tests/product/left_out_test.ts",
  "tests/product/loopback_long_test.ts",
  "tests/product/log_test.ts",
  "tests/product/no_home_test.ts",
  "tests/product/output_name_test.ts",
  "tests/product/planted_test.ts",
  "tests/product/publish_races_test.ts",
  "tests/product/reported_names_test.ts",
  "tests/product/reported_runs_test.ts",
  "tests/product/resume_test.ts",
  "tests/product/shown_names_test.ts",
  "tests/product/staging_attack_test.ts",
  "tests/product/stalled_test.ts",
  "tests/product/situations_test.ts",
  "tests/scripts/document_blocks_test.ts",
  "tests/scripts/install_document_test.ts",
  "tests/scripts/page_test.ts",
  // It needs a Rust toolchain and the crates that a build of the addon has fetched.
  "tests/scripts/patched_crates_test.ts",
  "tests/scripts/setup_test.ts",
  "tests/simulation/disk_failures_test.ts",
  "tests/simulation/long_share_test.ts",
];

/** It tests that a bundle needs no other file. */
const BUNDLE_ALONE = "tests/product/alone_test.ts";

/** The quick run: its suites run at the same time. */
export const QUICK: readonly Suite[] = [
  {
    paths: [
      "tests/structure_test.ts",
      "tests/scripts",
      "tests/engine",
      "tests/library",
      "tests/app",
      "tests/web",
      "tests/words",
      "tests/tickets",
      "tests/cli",
      "tests/bench",
      "tests/fuzz",
      "tests/product",
      "tests/hostile",
      "tests/corruption",
      "tests/simulation",
      "tests/crash",
    ],
    except: [...ONE_BY_ONE, ...FULL_ONLY],
    isParallel: true,
  },
  { paths: ONE_BY_ONE },
];

/** The full run, one suite after the other: they measure, or have the machine's network to themselves. */
export const FULL: readonly Suite[] = [
  {
    paths: [
      "tests/engine",
      "tests/tickets",
      "tests/app/transfers",
      "tests/cli/share_followed_test.ts",
      "tests/fuzz",
      "tests/corruption",
      "tests/simulation",
      "tests/scripts/page_test.ts",
      "tests/scripts/patched_crates_test.ts",
    ],
    isParallel: true,
  },
  { paths: ["tests/crash", "tests/hostile", "tests/cli/interruption_test.ts"] },
  // A separate process, because it holds the clients of a thousand connections.
  { paths: ["tests/flood"] },
  {
    paths: [
      "tests/full",
      "tests/library/package_test.ts",
      "tests/scripts/document_blocks_test.ts",
      "tests/scripts/install_document_test.ts",
      "tests/scripts/setup_test.ts",
    ],
  },
  { paths: ["tests/interop", "tests/versions"] },
  { paths: [BUNDLE_ALONE, "tests/release"], program: "bundle" },
  { paths: ["tests/product", "tests/release"], except: [BUNDLE_ALONE], program: "one_file" },
  { paths: ["tests/browser"], program: "one_file" },
  { paths: ["tests/network"] },
];

/** What takes too long for a gate: it is run by hand before a release. */
export const LONG: readonly Suite[] = [{ paths: ["tests/long"] }];

/** What depends on the system, so it is run on others too, from a copy of the project. */
export const ON_OTHER_SYSTEMS: Readonly<Record<SystemName, readonly Suite[]>> = {
  arm64: [
    { paths: ["tests/release"], program: "one_file" },
    { paths: ["tests/engine/net"] },
    { paths: ["tests/release"], program: "bundle", isLong: true },
  ],
  windows: [
    { paths: ["tests/release"], program: "one_file" },
    {
      paths: [
        "tests/words",
        "tests/engine/disk",
        "tests/engine/store",
        "tests/cli",
        "tests/app",
        "tests/web",
      ],
      isParallel: true,
    },
    { paths: ["tests/release"], program: "bundle", isLong: true },
    {
      paths: [
        "tests/engine/bao",
        "tests/engine/blake3",
        "tests/engine/bytes",
        "tests/engine/clock_test.ts",
        "tests/engine/isolated_test.ts",
        "tests/engine/log",
        "tests/engine/native",
        "tests/engine/paths_test.ts",
        "tests/engine/transfer",
        "tests/engine/wire",
        "tests/tickets",
      ],
      // Wine's network is slow.
      except: ["tests/engine/native/addon_test.ts"],
      isParallel: true,
      isLong: true,
    },
    { paths: ["tests/engine/net", "tests/engine/native/addon_test.ts"], isLong: true },
  ],
};

/** The test files of a suite. The runner is given each file: beside paths of files its --ignore has no effect. */
export function filesOf({ paths, except = [] }: Suite): string[] {
  const files = paths.flatMap((path) => Deno.statSync(join(ROOT, path)).isFile ? [path] : testsBelow(path));
  return files.filter((file) => !except.includes(file));
}

function testsBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? testsBelow(path) : /_test\.tsx?$/.test(name) ? [path] : [];
  }).sort();
}
