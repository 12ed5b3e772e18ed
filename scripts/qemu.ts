// Linux on arm64 on a computer with another processor, by qemu's user mode. The C library is Debian's for cross
// compilers. The kernel starts programs for arm64 by qemu (binfmt_misc), so tests and launchers can start others; this
// is set up in a namespace, which ends with the command. It needs Linux 6.7, or root and a kernel that knows qemu.

import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Emulation } from "./other_system.ts";
import { exists, output } from "./programs.ts";
import { runtimeOf } from "./runtime.ts";

const SYSROOT = "/usr/aarch64-linux-gnu";
const PACKAGES = "qemu-user-static libc6-arm64-cross libgcc-s1-arm64-cross";
/** ELF files of 64 bits for arm64, in the form of binfmt_misc: `P` keeps argv[0], `F` opens qemu at once. */
const FORMAT =
  String.raw`:pli-arm64:M::\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00` +
  String.raw`:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:`;
/** Parameters: the project's folder, the packages' folder, the line for binfmt_misc, and the command. */
const SET_UP = `set -e
  mount --bind "$2" "$1/node_modules"
  mount -o remount,bind,ro "$1/node_modules"
  mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  printf %s "$3" > /proc/sys/fs/binfmt_misc/register
  cd "$1"
  shift 3
  exec "$@"`;

/** Prepares the emulation for a run. Throws an Error that says what is missing. */
export async function linuxOnArm64(work: string): Promise<Emulation> {
  // Debian 13 has the second name.
  const find = "command -v qemu-aarch64-static || command -v qemu-aarch64 || true";
  const qemu = (await output("sh", ["-c", find])).trim();
  if (qemu === "" || !await exists(join(SYSROOT, "lib", "libgcc_s.so.1"))) {
    throw new Error(`there is no qemu for arm64 or no C library for it: apt-get install ${PACKAGES}`);
  }
  const runtime = await runtimeOf("linux-arm64-gnu");
  const packages = fileURLToPath(new URL("../node_modules", import.meta.url));
  const parameters = [join(work, "project"), packages, `${FORMAT}${qemu}:PF`];
  return {
    platform: "linux-arm64-gnu",
    deno: () => [
      ...["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SET_UP, "sh"],
      ...parameters,
      runtime,
    ],
    nameOf: (path) => path,
    // It moves less than 1 MB/s.
    env: { QEMU_LD_PREFIX: SYSROOT, PLI_SLOW_SYSTEM: "1" },
  };
}
