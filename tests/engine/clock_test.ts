import { CLOCK_CASES } from "./clock_contract.ts";

for (const { sentence, test } of CLOCK_CASES) Deno.test(`clock: ${sentence}`, test);
