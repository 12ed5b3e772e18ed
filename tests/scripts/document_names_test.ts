import assert from "node:assert/strict";
import { namesIn } from "../document_names.ts";

Deno.test("paths and types of a document are those in backticks, outside of code blocks", () => {
  const markdown = [
    "`web/guard.ts`, `a/{b,c}_test`, (`native/patches/0010-…`), `dist/`, `src/engine/bao`, `share_view.ts`",
    "`/proc/net/tcp`, `pli/receipt/2`, `--json`, `import x.ts`, web/none.ts",
    "`ShareTransfer`, `EOF`, `sizeBytes`",
    "```",
    "`src/not_read.ts`",
    "```",
    "`src/read.ts`",
  ].join("\n");
  assert.deepEqual(namesIn(markdown, new Set(["src", "native", "dist"])), {
    paths: [
      "web/guard.ts",
      "a/b_test",
      "a/c_test",
      "dist/",
      "src/engine/bao",
      "share_view.ts",
      "src/read.ts",
    ],
    types: ["ShareTransfer"],
  });
});
