import { rejects, strictEqual, throws } from "node:assert";
import { join, resolve } from "node:path";
import { Home, homePath } from "../../src/app/home.ts";
import { slashed } from "../fakes/slashes.ts";
import { needing, NOT_LINUX, NOT_UNIX } from "../left_out.ts";
import { othersRights, withHome } from "./temporary_home.ts";

const from = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("home: is PLI_HOME, else the platform's folder for data", () => {
  const pathOf = (variables: Record<string, string>, os: "linux" | "darwin") =>
    slashed(homePath(from(variables), os));
  strictEqual(pathOf({ PLI_HOME: "/x/y", HOME: "/h" }, "linux"), slashed(resolve("/x/y")));
  strictEqual(pathOf({ HOME: "/h" }, "linux"), "/h/.local/share/pli");
  strictEqual(pathOf({ HOME: "/h", PLI_HOME: "", XDG_DATA_HOME: "/d" }, "linux"), "/d/pli");
  strictEqual(pathOf({ HOME: "/h", XDG_DATA_HOME: "relative" }, "linux"), "/h/.local/share/pli");
  strictEqual(
    pathOf({ HOME: "/h", XDG_DATA_HOME: "/d" }, "darwin"),
    "/h/Library/Application Support/pli",
  );
  strictEqual(homePath(from({ LOCALAPPDATA: "/l" }), "windows"), join("/l", "pli"));
  strictEqual(pathOf({ HOME: "/h", PLI_HOME: " " }, "linux"), "/h/.local/share/pli");
  for (const HOME of [undefined, "", " ", "relative"]) {
    const variables: Record<string, string> = HOME === undefined ? {} : { HOME, LOCALAPPDATA: HOME };
    for (const os of ["linux", "darwin", "windows"] as const) {
      throws(() => homePath(from(variables), os), { code: "home_unknown" }, `${os} ${HOME}`);
    }
  }
});

Deno.test({
  ...needing("home: is created for this user alone, and made private when others can read it", NOT_UNIX),
  fn: async () => {
    await withHome(async (home) => {
      const shares = await home.folder("shares");
      strictEqual(await othersRights(home.path), 0);
      strictEqual(await othersRights(shares), 0);
      await Deno.chmod(home.path, 0o755);
      await Deno.chmod(shares, 0o777);
      await Home.open(from({ PLI_HOME: home.path }));
      await home.folder("shares");
      strictEqual(await othersRights(home.path), 0);
      strictEqual(await othersRights(shares), 0);
    });
  },
});

Deno.test("home: a file in its place is an error with its path", async () => {
  const file = await Deno.makeTempFile();
  await rejects(Home.open(from({ PLI_HOME: file })), { code: "home_unusable", parameters: { path: file } });
  await rejects(Home.open(from({ PLI_HOME: join(file, "below") })), { code: "home_unusable" });
  await Deno.remove(file);
});

Deno.test({
  ...needing("home: a lack of permission to create it is home_denied", NOT_LINUX),
  fn: async () => {
    // No user can create folders there, not even root.
    await rejects(Home.open(from({ PLI_HOME: "/proc/pli" })), (error: Error & { code: string }) => {
      return error.code.startsWith("home_");
    });
  },
});
