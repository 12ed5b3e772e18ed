// Sentences of failures: every code of the server has its sentence in every language, complete by its type, and with
// all of its parameters.

import assert from "node:assert/strict";
import { failureInWords } from "../../../src/web/ui/failure_words.ts";
import type { ServerCode } from "../../../src/web/contract.ts";
import { applyLanguage, chosenLanguage, LANGUAGES } from "../../../src/web/ui/language.ts";
import type { RefusalCode, WebErrorParameters } from "../../../src/web/errors.ts";
import { ERROR_EXAMPLES } from "../../words/examples.ts";

type ServerParameters = WebErrorParameters & Record<RefusalCode, Record<never, never>>;

const SERVER_EXAMPLES: { readonly [C in ServerCode]: ServerParameters[C] } = {
  route_unknown: {},
  code_spent: {},
  code_reused: {},
  guesses_paced: { seconds: 2 },
  secret_wrong: {},
  body_type_wrong: { expected: "application/json" },
  body_too_large: { maximum: 65_536 },
  body_too_slow: {},
  body_length_missing: {},
  body_cut: {},
  body_not_json: {},
  body_invalid: { path: "paths", expected: "Array" },
  query_invalid: { name: "from" },
  id_unknown: {},
  still_running: {},
  folder_unreadable: { path: "/root" },
  upload_refused: { fault: "name" },
  internal: {},
  authority_unknown: {},
  target_malformed: {},
  preflight_refused: {},
  origin_refused: {},
  site_refused: {},
  session_missing: {},
  session_unknown: {},
  session_ended: {},
  method_refused: {},
  user_refused: {},
  request_malformed: {},
  expectation_refused: {},
};

/** The codes of the server follow those of the engine, because one is in both, with fewer parameters. */
const EXAMPLES = { ...ERROR_EXAMPLES, ...SERVER_EXAMPLES };

/** The sentence of every example. */
async function saidIn(tag: string): Promise<Map<string, string>> {
  chosenLanguage.value = tag;
  await applyLanguage();
  const codes = Object.entries(EXAMPLES).map(([code, parameters]): [string, string] => {
    const { message, advice } = failureInWords({ code, parameters: { ...parameters } });
    assert.notEqual(message, "");
    return [code, `${message} ${advice ?? ""}`];
  });
  chosenLanguage.value = null;
  return new Map(codes);
}

Deno.test("every code has a complete sentence in each language", async () => {
  const english = await saidIn("en");
  for (const [tag] of LANGUAGES) {
    const said = await saidIn(tag);
    for (const [code, words] of said) {
      assert.doesNotMatch(words, /[{}…]|\b(undefined|null|NaN)\b|\[object/, `${tag} ${code}`);
      if (tag !== "en") assert.notEqual(words, english.get(code), `${tag} ${code}`);
    }
  }
});

Deno.test("the sentences of the server's codes contain their parameters", async () => {
  const english = await saidIn("en");
  assert.match(english.get("body_too_large")!, /65\.5 kB/);
  assert.match(english.get("body_invalid")!, /\(body_invalid\)/);
  assert.match(english.get("folder_unreadable")!, /\/root/);
});

Deno.test("an unknown code is shown, and a known one by its sentence", () => {
  assert.match(failureInWords({ code: "toString", parameters: {} }).message, /toString/);
  assert.match(failureInWords({ code: "unknown", parameters: { code: "HTTP 431" } }).message, /HTTP 431/);
  const { message } = failureInWords({ code: "name_refused", parameters: { name: "..", fault: "dot_part" } });
  assert.match(message, /\.\. is refused: it has \. or \.\./);
  assert.match(
    failureInWords({ code: "source_lost", parameters: { name: null } }).message,
    /one of the files/,
  );
});

Deno.test("E.2 the page advises to send the rest only where there is one", () => {
  const about = { path: "/a", reason: "special_file" };
  const advice = (parameters: Record<string, unknown>) =>
    failureInWords({ code: "source_unsendable", parameters }).advice;
  assert.equal(advice(about), "Send the rest without it.");
  assert.equal(advice({ ...about, isNothingLeft: true }), null);
});

Deno.test("a preview that fails for now is advised to be tried again, because there is no transfer to go on with", () => {
  for (const code of ["peer_unreachable", "connection_lost", "stream_reset"]) {
    const advice = (isPreview: boolean) => failureInWords({ code, parameters: {} }, isPreview).advice;
    assert.match(advice(false)!, /then go on\.$/);
    assert.match(advice(true)!, /then look inside again\.$/);
  }
  const { advice } = failureInWords({ code: "peer_refused", parameters: {} }, true);
  assert.equal(advice, "Ask the sender for a new ticket.");
});
