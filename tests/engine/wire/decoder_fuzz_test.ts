// The fuzzing of every decoder runs where the tests of the wire run: quick, and long with PLI_LONG=1.

import "../../fuzz/decoders_test.ts";
