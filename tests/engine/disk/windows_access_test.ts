import assert from "node:assert/strict";
import { accessOf } from "../../../src/engine/disk/windows_access.ts";

const OWN = "S-1-5-21-1-2-3-1001";
const OTHER = "S-1-5-21-1-2-3-1002";

const CASES: [what: string, sddl: string, isOwn: boolean, isClosed: boolean][] = [
  [
    "a folder in one's profile",
    `O:${OWN}G:${OWN}D:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${OWN})`,
    true,
    true,
  ],
  ["made by an administrator", `O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)`, true, true],
  ["another user's", `O:${OTHER}G:${OTHER}D:(A;;FA;;;SY)(A;;FA;;;${OTHER})`, false, false],
  [
    "one's own in a folder of all users",
    `O:${OWN}G:SYD:AI(A;OICIID;0x1301bf;;;BU)(A;;FA;;;${OWN})`,
    true,
    false,
  ],
  ["readable by everyone", `O:${OWN}D:(A;OICI;FA;;;${OWN})(A;;0x1200a9;;;WD)`, true, false],
  ["with a denial", `O:${OWN}D:(D;;FA;;;WD)(A;;FA;;;${OWN})`, true, true],
  ["what only new files inherit", `O:${OWN}D:(A;OICIIOID;GA;;;CO)(A;;FA;;;${OWN})`, true, true],
  ["a null access list", `O:${OWN}D:NO_ACCESS_CONTROL`, false, false],
  ["no access list", `O:${OWN}G:SY`, false, false],
  ["an empty access list", `O:${OWN}D:`, true, true],
  ["with audits", `O:${OWN}D:(A;;FA;;;${OWN})S:(AU;SAFA;FA;;;WD)`, true, true],
  ["nothing", "", false, false],
  ["a SID that begins like one's own", `O:${OWN}9D:(A;;FA;;;${OWN}9)`, false, false],
];

for (const [what, sddl, isOwn, isClosed] of CASES) {
  Deno.test(`E.19 the access list of a folder on Windows: ${what}`, () => {
    assert.deepEqual(accessOf(sddl, OWN), { isOwn, isClosed });
  });
}
