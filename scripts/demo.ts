// Records docs/demo.svg, the moving picture of README: two terminals of tmux, in which a real pli sends a folder and
// another one receives it. `deno run -A scripts/demo.ts`. Each frame is what tmux shows; the picture shows one frame
// after the other by CSS, without a script.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { output } from "./programs.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PICTURE = join(ROOT, "docs", "demo.svg");
const COLUMNS = 92;
const ROWS = 11;
const FRAME_MS = 100;
/** How long the last frame is shown. */
const REST_MS = 4_000;
/** Of a typed character. */
const KEY_MS = 45;
/** Size of a character's cell, in pixels. */
const CELL = { width: 8.43, height: 19 };
const MARGIN = 14;
const TITLES = ["Ada", "Bob"];

interface Frame {
  atMs: number;
  /** The lines of each terminal. */
  screens: string[];
}

/** Colours of the eight that a terminal names by 30 to 37, and of faint text. */
const COLOURS: Readonly<Record<number, string>> = { 31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af" };
const TEXT = "#cdd6f4";
const FAINT = "#9399b2";

let folder: string;

await runCommand({ usage: "deno run -A scripts/demo.ts", operands: [0, 0] }, async () => {
  folder = await Deno.makeTempDir({ prefix: "pli-demo-" });
  try {
    await writeFile(PICTURE, picture(await record()));
  } finally {
    await tmux("kill-server").catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
});

/** Plays the transfer and collects what both terminals show. */
async function record(): Promise<Frame[]> {
  await prepare();
  const frames: Frame[] = [];
  const startMs = performance.now();
  let isRecording = true;
  const recording = (async () => {
    while (isRecording) {
      const screens = await Promise.all(TITLES.map((name) => tmux("capture-pane", "-e", "-p", "-t", name)));
      frames.push({ atMs: performance.now() - startMs, screens });
      await pause(FRAME_MS);
    }
  })();
  await pause(600);
  await type("Ada", "pli send holiday/");
  const ticket = await shown("Ada", /blob[a-z2-7]+/);
  await pause(1_200);
  await type("Bob", "pli receive");
  await shown("Bob", /\?|:|ticket/i);
  await pause(700);
  await tmux("set-buffer", ticket);
  await tmux("paste-buffer", "-p", "-t", "Bob");
  await tmux("send-keys", "-t", "Bob", "Enter");
  await shown("Ada", /Delivered/);
  await pause(1_500);
  isRecording = false;
  await recording;
  return frames;
}

/** A folder to send, a command `pli`, and a terminal for each side. */
async function prepare(): Promise<void> {
  const bin = join(folder, "bin");
  await Deno.mkdir(bin);
  // Both sides are on this computer, and reach each other without a relay. The limit lets the progress be seen.
  await writeFile(
    join(bin, "pli"),
    `#!/bin/sh\nc=$1; shift\nexec "${Deno.execPath()}" run -A --no-check "${
      join(ROOT, "main.ts")
    }" "$c" --relay disabled --limit 40M "$@"\n`,
    { mode: 0o755 },
  );
  for (const name of TITLES) {
    const home = join(folder, name);
    await Deno.mkdir(home);
    const env = [`PLI_HOME=${home}/.pli`, `PATH=${bin}:/usr/bin:/bin`, "PS1=$ ", "TERM=xterm-256color"];
    const shell = ["env", "-i", `HOME=${home}`, "LC_ALL=C.UTF-8", "DENO_NO_UPDATE_CHECK=1", ...env, "sh"];
    const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
    await tmux("new-session", "-d", "-s", name, ...size, "-c", home, shell.map(quoted).join(" "));
    await tmux("set-option", "-t", name, "status", "off");
  }
  const files = {
    "beach.mp4": 96,
    "notes.txt": 1,
    "photos/01.jpg": 9,
    "photos/02.jpg": 8,
    "photos/03.jpg": 11,
  };
  await Deno.mkdir(join(folder, "Ada", "holiday", "photos"), { recursive: true });
  for (const [name, mebibytes] of Object.entries(files)) {
    const file = await Deno.create(join(folder, "Ada", "holiday", name));
    for (let at = 0; at < mebibytes * 16; at++) {
      await file.write(crypto.getRandomValues(new Uint8Array(65_536)));
    }
    file.close();
  }
  await writeFile(join(folder, "Bob", ".profile"), "");
}

async function type(terminal: string, text: string): Promise<void> {
  for (const key of text) {
    await tmux("send-keys", "-t", terminal, "-l", key);
    await pause(KEY_MS);
  }
  await tmux("send-keys", "-t", terminal, "Enter");
}

/** Waits until a terminal shows a text; resolves to it, without the breaks of its lines. */
async function shown(terminal: string, text: RegExp): Promise<string> {
  for (;;) {
    const found = text.exec(await tmux("capture-pane", "-J", "-p", "-t", terminal));
    if (found !== null) return found[0];
    await pause(FRAME_MS);
  }
}

function tmux(...args: string[]): Promise<string> {
  return output("tmux", ["-S", join(folder, "tmux"), "-f", "/dev/null", ...args]);
}

/** The picture of frames that differ, one below the other in time. */
function picture(frames: readonly Frame[]): string {
  const changed = frames.filter(({ screens }, at) => screens.join() !== frames[at - 1]?.screens.join());
  const totalMs = frames.at(-1)!.atMs + REST_MS;
  const percent = (ms: number) => `${((100 * ms) / totalMs).toFixed(2)}%`;
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
  const paneHeight = ROWS * CELL.height + 2 * MARGIN + 10;
  const height = TITLES.length * paneHeight;
  const styles = changed.map(({ atMs }, at) => {
    const endMs = changed[at + 1]?.atMs ?? totalMs;
    const start = at === 0 ? 0 : atMs;
    return `@keyframes f${at}{0%,${percent(start)}{visibility:${at === 0 ? "visible" : "hidden"}}` +
      `${percent(start)}{visibility:visible}${percent(endMs)},100%{visibility:hidden}}` +
      `#f${at}{animation:f${at} ${(totalMs / 1000).toFixed(1)}s step-end infinite}`;
  });
  const groups = changed.map(({ screens }, at) => {
    const lines = screens.flatMap((screen, pane) =>
      screen.split("\n").map((line, row) => {
        const y = pane * paneHeight + MARGIN + 12 + (row + 1) * CELL.height;
        return line.trim() === "" ? "" : `<text x="${MARGIN}" y="${y}">${spans(line)}</text>`;
      })
    );
    return `<g id="f${at}">${lines.join("")}</g>`;
  });
  const panes = TITLES.map((title, pane) =>
    `<rect x="1" y="${pane * paneHeight + 1}" width="${width - 2}" height="${
      paneHeight - 4
    }" rx="6" fill="#1e1e2e"/>` +
    `<text x="${width - MARGIN - 30}" y="${pane * paneHeight + 20}" fill="${FAINT}">${title}</text>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${TEXT}">
<title>One terminal sends a folder and prints a ticket; the other receives it.</title>
<style>text{white-space:pre}g{visibility:hidden}${styles.join("")}</style>
${panes.join("\n")}
${groups.join("\n")}
</svg>
`;
}

/** The text of a line with the colours that tmux gives as escape sequences. */
function spans(line: string): string {
  let colour = TEXT;
  // deno-lint-ignore no-control-regex
  return line.trimEnd().split(/\x1b\[([\d;]*)m/).map((part, at) => {
    if (at % 2 === 0) return part === "" ? "" : `<tspan fill="${colour}">${escaped(part)}</tspan>`;
    for (const code of part.split(";").map(Number)) {
      if (code === 0 || code === 39) colour = TEXT;
      else if (code === 2) colour = FAINT;
      else colour = COLOURS[code] ?? colour;
    }
    return "";
  }).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
