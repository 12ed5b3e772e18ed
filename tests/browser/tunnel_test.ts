// The page through a tunnel, as `ssh -L 9000:localhost:8021` creates one: under another port, complete, if pli was
// started with that address; otherwise with a refusal that shows the option.

import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { noise, readTree } from "../product/trees.ts";
import { freePort } from "../product/free_port.ts";
import { browserTest, PageProcess } from "./page_processes.ts";
import { Visitor } from "./visitor.ts";

/** Forwards bytes between its port and another one. */
class Tunnel implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(readonly port: number, to: number) {
    this.#server = createServer((near) => {
      const far = connect(to, "127.0.0.1");
      for (const [socket, other] of [[near, far], [far, near]]) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy()).on("close", () => other.destroy());
      }
      near.pipe(far).pipe(near);
    }).listen(port, "127.0.0.1");
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

browserTest("C.19 through a tunnel with its option the page is complete", async (bench, browser) => {
  const host = new PageProcess(bench, "ada");
  await using tunnel = new Tunnel(freePort(), host.port);
  const { hash } = new URL(await host.start(undefined, "--allow-origin", tunnel.url));
  await using visitor = await Visitor.open(browser, `${tunnel.url}/${hash}`);
  const tree = { "a.bin": noise(3_000_000) };
  await Deno.mkdir(bench.path("src"));
  await Deno.writeFile(bench.path("src", "a.bin"), tree["a.bin"]);
  // Events, calls with a body, and an upload.
  await visitor.drop(bench.path("src", "a.bin"));
  const ticket = await visitor.copyTicket();
  await visitor.press("New transfer");
  await visitor.look(ticket);
  await visitor.receive();
  await visitor.state("Received");
  assert.deepEqual(await readTree(host.folder), tree);
  await visitor.page.reload();
  await visitor.sees("History");
  visitor.assertNoErrors();
  // Another port of localhost is another site, and so is another name.
  const { page } = visitor;
  await page.goto("about:blank");
  const foreign = await page.request.get(`${tunnel.url}/api/settings`, {
    headers: { Origin: "http://localhost:1" },
  });
  assert.equal(foreign.status(), 403);
});

browserTest(
  "C.19 through a tunnel without its option the page shows the option",
  async (bench, browser) => {
    const host = new PageProcess(bench, "ada");
    await using tunnel = new Tunnel(freePort(), host.port);
    const { hash } = new URL(await host.start());
    const page = await browser.newPage();
    const response = await page.goto(`${tunnel.url}/${hash}`);
    assert.equal(response?.status(), 421);
    await page.getByText(`pli ui --allow-origin ${tunnel.url}`).waitFor();
    // The code is still valid.
    await using visitor = await Visitor.open(browser, `http://localhost:${host.port}/${hash}`);
    visitor.assertNoErrors();
  },
);
