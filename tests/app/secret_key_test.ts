import { deepStrictEqual, notDeepStrictEqual, strictEqual, throws } from "node:assert";
import { base32nopad } from "@scure/base";
import { givenSecretKey, newSecretKey, parseSecretKey } from "../../src/app/secret_key.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7);

Deno.test("secret key: is read in hex and in base32 of either case, as sendme reads it", () => {
  deepStrictEqual(parseSecretKey(KEY.toHex()), KEY);
  deepStrictEqual(parseSecretKey(base32nopad.encode(KEY)), KEY);
  deepStrictEqual(parseSecretKey(base32nopad.encode(KEY).toLowerCase()), KEY);
});

Deno.test("secret key: anything else is none", () => {
  const wrong = [
    "",
    "00",
    KEY.toHex().slice(2),
    KEY.toHex() + "00",
    "x".repeat(64),
    base32nopad.encode(KEY) + "====",
    "é",
  ];
  for (const text of wrong) strictEqual(parseSecretKey(text), null, text);
});

Deno.test("secret key: the environment's is used, or refused without being printed", () => {
  for (const none of [undefined, "", " \t\n"]) strictEqual(givenSecretKey(() => none), null);
  deepStrictEqual(givenSecretKey((name) => name === "IROH_SECRET" ? KEY.toHex() : undefined), KEY);
  throws(() => givenSecretKey(() => "hunter2"), (error: Error & { code: string }) => {
    return error.code === "secret_invalid" && !error.message.includes("hunter2") && error.cause === undefined;
  });
});

Deno.test("secret key: two new ones differ", () => {
  strictEqual(newSecretKey().length, 32);
  notDeepStrictEqual(newSecretKey(), newSecretKey());
});
