// The faults of pli's own folder in words.

import type { AppErrorParameters } from "../app/errors.ts";
import type { Rows } from "./catalogue_row.ts";
import { EXIT } from "./exit_codes.ts";

export const HOME_CATALOGUE: Rows<AppErrorParameters> = {
  home_unknown: {
    exit: EXIT.disk,
    message: () => "pli does not know where to keep its data: the environment names no home folder",
    advice: () => "Set PLI_HOME to a folder of yours.",
  },
  home_denied: {
    exit: EXIT.disk,
    message: ({ path }) => `the system does not let pli use its own data at ${path}`,
    advice: () => "Make it yours and writable, or set PLI_HOME to another folder.",
  },
  home_full: {
    exit: EXIT.disk,
    message: ({ path }) => `the disk is full: pli could not write its own data at ${path}`,
    advice: () => "Make room and try again, or set PLI_HOME to a folder on another disk.",
  },
  home_unusable: {
    exit: EXIT.disk,
    message: ({ path }) => `pli cannot keep its own data at ${path}`,
    advice: () => "Check that it is a folder, or set PLI_HOME to another one. -v shows what the system says.",
  },
};
