import assert from "node:assert/strict";
import { realDisk } from "../../system_ports.ts";

const HOLDER = `
  const { realDisk } = await import(Deno.args[0]);
  console.log(await realDisk.lock(Deno.args[1]) !== null);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
`;

Deno.test("a lock excludes other processes, and is released however its process ends", async () => {
  const path = `${await Deno.makeTempDir({ prefix: "pli-lock-" })}/lock`;
  const module = new URL("../../system_ports.ts", import.meta.url).href;
  const script = `${path}.ts`;
  await Deno.writeTextFile(script, HOLDER);
  const holder = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, module, path],
    stdout: "piped",
  }).spawn();
  const output = holder.stdout.getReader();
  assert.equal(new TextDecoder().decode((await output.read()).value), "true\n");
  assert.equal(await realDisk.lock(path), null);
  holder.kill("SIGKILL");
  await holder.status;
  await output.cancel();
  const lock = await realDisk.lock(path);
  assert(lock !== null);
  lock.release();
  await Deno.remove(path.slice(0, path.lastIndexOf("/")), { recursive: true });
});
