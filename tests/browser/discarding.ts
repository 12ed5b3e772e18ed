// A page with a file input, whose server discards the uploads: the cost of any upload in this browser. It is a separate
// process, like pli.

import { createServer } from "node:http";

const PAGE = '<!doctype html><title>discarding</title><input type="file">';

const server = createServer((request, response) => {
  if (request.method === "GET") return response.setHeader("Content-Type", "text/html").end(PAGE);
  request.resume().on("end", () => response.end());
});
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as { port: number };
  await Deno.stdout.write(new TextEncoder().encode(`http://127.0.0.1:${port}/\n`));
});
