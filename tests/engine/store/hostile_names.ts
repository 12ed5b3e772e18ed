// Random hostile names, which lead out of the destination or are invalid: each trick alone or in a harmless name. And
// look-alikes, which are valid.

import type { Chance } from "../../fuzz/mutation.ts";

export interface HostileName {
  name: string;
  /** Whether it must be refused. A look-alike may be received, to a path in the destination. */
  isRefused: boolean;
}

const INNOCENT = ["a", "b.txt", "dir", "x", ".hidden", "\u00e9", "...", "..a", "a..", "new\nline", "\x1b[2J"];
const OUTSIDE = ["x", "etc/x", "home/x", "home/user/x", "tmp/evil", "root/.ssh/authorized_keys"];
const DRIVES = ["C:\\", "c:\\Windows\\", "\\\\server\\share\\", "\\\\?\\C:\\", "\\", "..\\", "a\\..\\..\\"];
const LOOK_ALIKES = [
  ...["\u2024\u2024", "\uff0e\uff0e", ".. ", " ..", "..\u200b", "...", "....", "%2e%2e", "..%2f", "..;"],
  ...["\u2215etc", "\uff0fetc", "~", "~root", "$HOME", "C:", "C:x", "file:", "-rf", "CON", "a:b", "\u202e.."],
];

/** One hostile name. */
export function hostileName(chance: Chance): HostileName {
  const trick = chance.pick(TRICKS);
  return trick === lookAlike
    ? { name: trick(chance), isRefused: false }
    : { name: trick(chance), isRefused: true };
}

const TRICKS = [
  function climb(chance: Chance): string {
    const outside = chance.pick(["..", chance.pick(OUTSIDE)]);
    return [...parts(chance), ...Array(1 + chance.below(12)).fill(".."), outside].join("/");
  },
  (chance: Chance) => "/".repeat(1 + chance.below(3)) + chance.pick(OUTSIDE),
  (chance: Chance) => within(chance, chance.pick(DRIVES) + chance.pick(OUTSIDE).replaceAll("/", "\\")),
  (chance: Chance) => within(chance, chance.pick([".", ".."])),
  (chance: Chance) => [...parts(chance), "", ...parts(chance)].join("/"),
  (chance: Chance) => `${within(chance, chance.pick(INNOCENT))}/`,
  (chance: Chance) =>
    within(chance, `${chance.pick(["", "..", "a"])}\0${chance.pick(["", "/../x", ".txt"])}`),
  (chance: Chance) => within(chance, chance.pick(["\ud800", "\udc00a", "a\ud83d", "..\udfff"])),
  (chance: Chance) =>
    within(chance, chance.pick(["w", "\u00e9", "\u{1f600}"]).repeat(256 + chance.below(300))),
  (chance: Chance) => "long-part/".repeat(410 + chance.below(100)) + chance.pick(INNOCENT),
  lookAlike,
];

function lookAlike(chance: Chance): string {
  return within(chance, chance.pick(LOOK_ALIKES));
}

/** A part at a random position among harmless ones. */
function within(chance: Chance, part: string): string {
  return [...parts(chance), part, ...parts(chance)].join("/");
}

function parts(chance: Chance): string[] {
  return Array.from({ length: chance.below(3) }, () => chance.pick(INNOCENT));
}
