// Holds a sleep inhibition by the tools in PATH, reports that by one line, and runs until it is killed.

import { SleepInhibitor } from "../../src/app/sleep_inhibitor.ts";

let nowMs = 0;
const inhibitor = new SleepInhibitor({ clock: { nowMs: () => nowMs, timer: () => () => {} } });
for (nowMs of [0, 5_000]) inhibitor.moved();
await Deno.stdout.write(new TextEncoder().encode(`${inhibitor.isHeld}\n`));
setInterval(() => void inhibitor, 1_000);
