import { deepEqual } from "node:assert/strict";
import { homeFault } from "../../src/app/errors.ts";

Deno.test("E.9 an error at pli's folder names the folder, unless it is a limit of the process", () => {
  const faultOf = (code: string) => homeFault(Object.assign(new Error(code), { code }), "/home/pli").code;
  deepEqual(
    ["EACCES", "EROFS", "ENOSPC", "EDQUOT", "EFBIG", "EMFILE", "ENFILE", "EIO"].map(faultOf),
    [
      "home_denied",
      "home_denied",
      "home_full",
      "home_full",
      "home_file_too_large",
      "too_many_open_files",
      "too_many_open_files",
      "home_unusable",
    ],
  );
  // For some errors Deno gives no code, but a number in the message.
  const number = Deno.build.os === "windows" ? 223 : 27;
  const fileTooLarge = new Error(`File too large (os error ${number})`);
  deepEqual(homeFault(fileTooLarge, "/home/pli").code, "home_file_too_large");
  // SQLite's errors have a code of its own.
  const sqlite = (errcode: number) => {
    return homeFault(Object.assign(new Error("SQLite"), { code: "ERR_SQLITE_ERROR", errcode }), "/home/pli")
      .code;
  };
  deepEqual([13, 4874, 10, 14].map(sqlite), ["home_full", "home_full", "home_unusable", "home_unusable"]);
  const fault = homeFault(Object.assign(new Error("EIO"), { code: "EIO" }), "/home/pli");
  deepEqual(homeFault(fault, "/other"), fault);
});
