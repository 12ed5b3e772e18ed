// A program for Node.js: locks a file, says whether it could, and holds the lock until it is ended.

import { systemDisk } from "../../../src/engine/disk/system_disk.ts";

const lock = await systemDisk().lock(process.argv[2]);
process.stdout.write(`${lock !== null}\n`);
if (lock !== null) setInterval(() => {}, 60_000);
