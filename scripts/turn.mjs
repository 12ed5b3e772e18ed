// One process at a time, by a file with the id of the process whose turn it is. The turn of a process that has ended is
// taken over. Runs under Node.js and under Deno.

import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

const CHECK_MS = 100;

/** Maximum time between the creation of the file and the writing of the id. */
const WRITING_MS = 5_000;

/**
 * Waits for the turn, does `work`, and ends the turn. `onWait` is called once if another process has the turn.
 *
 * @template T
 * @param {string} path
 * @param {() => T} work
 * @param {() => void} onWait
 * @returns {Promise<T>}
 */
export async function inTurn(path, work, onWait) {
  let isWaiting = false;
  while (!takes(path)) {
    if (!isHeld(path)) {
      takeOver(path);
      continue;
    }
    if (!isWaiting) onWait();
    isWaiting = true;
    await setTimeout(CHECK_MS);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function takes(path) {
  try {
    writeFileSync(path, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    // In a folder that is read-only there are no turns; the work reports what it cannot write.
    return error.code !== "EEXIST" && !existsSync(path);
  }
}

/** Whether the process of a file is running, or may not have written its id yet. */
function isHeld(path) {
  try {
    const id = Number(readFileSync(path, "utf8"));
    // In containers each start may have the same id: this process has no turn yet.
    if (id === process.pid) return false;
    return id > 0 ? isRunning(id) : Date.now() - statSync(path).mtimeMs < WRITING_MS;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

function isRunning(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // A process of another user.
    return error.code === "EPERM";
  }
}

/** Removes the file of a process that has ended. It is renamed first: only one process succeeds in that. */
function takeOver(path) {
  const aside = `${path}-${process.pid}`;
  try {
    renameSync(path, aside);
    // Another process has taken over since the check, and gets its turn back.
    if (isHeld(aside)) linkSync(aside, path);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(error.code)) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
