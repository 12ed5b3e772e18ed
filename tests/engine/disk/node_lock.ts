// A program for Node.js that locks a file, prints whether it succeeded, and holds the lock until it ends.

import { systemDisk } from "../../../src/engine/disk/system_disk.ts";

const lock = await systemDisk().lock(process.argv[2]);
process.stdout.write(`${lock !== null}\n`);
if (lock !== null) setInterval(() => {}, 60_000);
