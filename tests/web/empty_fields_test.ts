// E.1: every field of every body of the API, and every parameter of its queries, empty, blank or an invalid number:
// refused with 422 before anything is done, unless it has a meaning.

import assert from "node:assert/strict";
import { composeApp } from "../../src/web/api.ts";
import { PageBackend } from "../../src/web/page_backend.ts";
import { Session } from "../../src/web/session.ts";
import { sessionRoutes } from "../../src/web/session_routes.ts";
import { initialSettings } from "../../src/app/settings.ts";
import { TICKET } from "../cli/cli_fixture.ts";
import { withHome } from "../app/temporary_home.ts";

const TEXTS = ["", " ", "\t\n", null, undefined, 0, [], {}, "\ud800"];
const NUMBERS = ["", " ", "1", null, undefined, -1, 0.5, 2 ** 53, true, []];

interface Body {
  method: "POST" | "PUT";
  path: string;
  /** A valid body. */
  good: Record<string, unknown>;
  /** The refused values of each field: the others of the two lists above have a meaning. */
  fields: Record<string, readonly unknown[]>;
}

const without = (values: readonly unknown[], ...meant: readonly unknown[]) => {
  return values.filter((value) => !meant.includes(value));
};
const SWITCH = ["", "true", 0, 1, null, undefined, []];
const CHOICE = [...TEXTS, "none"];

const BODIES: readonly Body[] = [
  {
    method: "POST",
    path: "/api/shares",
    good: { paths: ["/missing/a"], keep: false },
    fields: { paths: [...TEXTS, ...TEXTS.map((text) => [text]), ["/a", ""], ["a"]], keep: SWITCH },
  },
  {
    method: "POST",
    path: "/api/uploads",
    good: { files: 1, bytes: 0, title: "a", otherNames: 0, keep: false, skipped: [] },
    fields: {
      files: [...NUMBERS, 0],
      bytes: NUMBERS,
      // A blank is a name that a file can have.
      title: ["", undefined, null, 0, []],
      otherNames: NUMBERS,
      keep: SWITCH,
      skipped: [
        "",
        null,
        undefined,
        0,
        [{}],
        ...NUMBERS.map((count) => [{ reason: "unreadable", count, names: [] }]),
        [{ reason: "unreadable", count: 0, names: [] }],
        [{ reason: "", count: 1, names: [] }],
        [{ reason: "unreadable", count: 1, names: [""] }],
      ],
    },
  },
  // A blank text is valid, and contains no ticket.
  {
    method: "POST",
    path: "/api/previews",
    good: { ticket: TICKET },
    fields: { ticket: without(TEXTS, " ", "\t\n", "\ud800") },
  },
  {
    method: "POST",
    path: "/api/downloads",
    good: { ticket: TICKET, folder: "/", existing: "merge", only: null, consents: false },
    fields: {
      ticket: without(TEXTS, " ", "\t\n", "\ud800"),
      folder: [...TEXTS, "a"],
      existing: CHOICE,
      // Null is for all names; a blank is a name that a file can have.
      only: ["", undefined, 0, [], [""], ["a", ""], [null], [0]],
      consents: SWITCH,
    },
  },
  {
    method: "PUT",
    path: "/api/settings",
    good: { ...initialSettings(() => undefined, "here") },
    fields: {
      // The name is shown on this page only, and may be empty.
      name: [null, undefined, 0, []],
      theme: CHOICE,
      language: ["", " ", "-", "e", "\ud800", undefined, 0, []],
      downloadFolder: [...TEXTS, "a"],
      relay: [...TEXTS, "https://"],
      ticketKind: CHOICE,
      previewNames: SWITCH,
      sendBytesPerSecond: without([...NUMBERS, 0], null),
      receiveBytesPerSecond: without([...NUMBERS, 0], null),
    },
  },
  { method: "POST", path: "/api/session", good: { code: "a" }, fields: { code: [null, undefined, 0, []] } },
  { method: "POST", path: "/api/open", good: { secret: "a" }, fields: { secret: [null, undefined, 0, []] } },
];

type Call = (method: string, path: string, body?: unknown) => Promise<{ status: number; code: unknown }>;

/** The API of a backend whose engine fails on use. */
async function withApi(use: (call: Call) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    const unexpected = () => Promise.reject(new Error("this was not expected"));
    const engine = { share: unexpected, fetch: unexpected, inspect: unexpected, discard: unexpected };
    await using backend = await PageBackend.open({
      home,
      engine: () => Promise.resolve(engine),
      settings: initialSettings(() => home.path, "here"),
      relay: null,
      version: "0",
      openFolder: () => Promise.resolve(),
      places: [],
    });
    const app = composeApp([
      ...backend.routes,
      sessionRoutes(new Session(), "secret", () => Promise.reject(new Error("not used"))),
    ]);
    await use(async (method, path, body) => {
      const response = await app.request(path, {
        method,
        headers: { "Content-Type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const answer = await response.json();
      return { status: response.status, code: answer.code };
    });
    assert.deepEqual([backend.state().shares, backend.state().downloads], [[], []], "nothing was started");
  });
}

Deno.test("E.1 an empty, blank or non-numeric field of the API is refused", async () => {
  await withApi(async (call) => {
    for (const { method, path, good, fields } of BODIES) {
      assert.deepEqual(Object.keys(fields).sort(), Object.keys(good).sort(), `${path} has all fields here`);
      for (const [field, values] of Object.entries(fields)) {
        for (const value of values) {
          const { status, code } = await call(method, path, { ...good, [field]: value });
          const what = `${path} ${field} ${JSON.stringify(value)}`;
          assert.deepEqual({ status, code }, { status: 422, code: "body_invalid" }, what);
        }
      }
    }
  });
});

Deno.test("E.1 an empty code does not open the page, and a blank is no ticket", async () => {
  await withApi(async (call) => {
    for (const blank of ["", " "]) {
      assert.equal((await call("POST", "/api/session", { code: blank })).code, "code_spent");
      assert.equal((await call("POST", "/api/open", { secret: blank })).code, "secret_wrong");
    }
    for (const ticket of [" ", "\t\n"]) {
      assert.equal((await call("POST", "/api/previews", { ticket })).code, "ticket_malformed");
    }
  });
});

Deno.test("E.1 an empty, blank or non-numeric parameter of a query is refused", async () => {
  await withApi(async (call) => {
    const wrong = ["", "%20", "-1", "0.5", "1e1", "NaN", "0x1"];
    for (const text of ["", "%20", "a"]) {
      assert.equal((await call("GET", `/api/folders?path=${text}`)).code, "query_invalid", `path=${text}`);
    }
    for (
      const query of ["history?before", "history?count", "downloads/x/files?from", "downloads/x/files?count"]
    ) {
      for (const text of wrong) {
        assert.equal((await call("GET", `/api/${query}=${text}`)).code, "query_invalid", `${query}=${text}`);
      }
    }
  });
});
