// E.2: the page shows what a share skips, and refuses what cannot be sent.

import { pageTest } from "./page_processes.ts";
import { writeTree } from "../product/trees.ts";

pageTest(
  "E.2 the page shows what is left out and which of it was named, and refuses what cannot be sent",
  async (scene) => {
    const { bench, ada, bob } = scene;
    await writeTree(bench.path("src"), {
      "trip/a.txt": new Uint8Array(5),
      "trip/back\\slash": new Uint8Array(5),
    });
    await Deno.symlink("nowhere", bench.path("src/trip/dangling"));
    await Deno.mkdir(bench.path("src/empty"));

    await ada.choose(bench.path("src"), "empty");
    await ada.sees(`${bench.path("src/empty")} cannot be sent: empty folder.`);
    await ada.state("Failed");
    await ada.press("Remove");

    await ada.choose(bench.path("src"), "trip");
    await bob.look(await ada.copyTicket());
    await ada.sees("1 selected file or folder cannot be sent.");
    await ada.sees("2 left out");
    await ada.sees("trip/back\\slash");
    await ada.sees("broken symbolic link");
    await ada.pictures("left out");
    await bob.receive();
    await bob.state("Received");
    await ada.state("Delivered");
    await ada.sees("1 selected file or folder cannot be sent.");
  },
);
