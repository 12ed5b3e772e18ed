// A registry for npm on this computer, with the tarballs of a folder: what `npm publish` makes of them.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { output } from "../../scripts/programs.ts";

export interface NpmRegistry extends AsyncDisposable {
  url: string;
  /** The names of the packages in it. */
  names: string[];
}

/** Serves the tarballs of a folder until it is disposed of. */
export async function serveTarballs(folder: string): Promise<NpmRegistry> {
  const packages = new Map<string, object>();
  const tarballs = new Map<string, Uint8Array<ArrayBuffer>>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return new Response(tarball);
    const found = packages.get(path);
    return found === undefined ? new Response("not found", { status: 404 }) : Response.json(found);
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  for await (const { name: file } of Deno.readDir(folder)) {
    const tarball = await Deno.readFile(join(folder, file));
    tarballs.set(file, tarball);
    const manifest = JSON.parse(await output("tar", ["-xzOf", join(folder, file), "package/package.json"]));
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    packages.set(manifest.name, {
      name: manifest.name,
      "dist-tags": { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist: { tarball: url + file, integrity } } },
    });
  }
  return { url, names: [...packages.keys()].sort(), [Symbol.asyncDispose]: () => server.shutdown() };
}
