import { deepStrictEqual, throws } from "node:assert";
import { networkOptions } from "../../src/cli/network.ts";

Deno.test("network options: the relay is a word or a URL in normal form", () => {
  deepStrictEqual(networkOptions({ relay: "default", bind: null }), { relay: "default" });
  deepStrictEqual(networkOptions({ relay: "disabled", bind: null }), { relay: "disabled" });
  deepStrictEqual(networkOptions({ relay: "http://localhost:3340", bind: null }), {
    relay: { url: "http://localhost:3340/" },
  });
  for (const relay of ["ftp://a", "euw", "none"]) {
    throws(() => networkOptions({ relay, bind: null }), {
      code: "relay_url_invalid",
      parameters: { url: relay },
    });
  }
});

Deno.test("network options: the address is an IP address and a port", () => {
  for (const bind of ["0.0.0.0:0", "127.0.0.1:65535", "[::]:4433", "[::1]:1"]) {
    deepStrictEqual(networkOptions({ relay: "default", bind }), { relay: "default", bindAddress: bind });
  }
  for (
    const bind of ["localhost:1", "1.2.3.4", ":1", "1.2.3.4:65536", "::1:80", "[1.2.3.4]:1", "1.2.3.4:x", ""]
  ) {
    throws(() => networkOptions({ relay: "default", bind }), { code: "option_value_invalid" });
  }
});
