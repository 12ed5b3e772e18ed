import { deepStrictEqual, throws } from "node:assert";
import { networkOptions } from "../../src/cli/session.ts";

Deno.test("network options: the relay is a keyword or a normalised URL", () => {
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

Deno.test("E.27 network options: a relay that iroh never reaches is refused", () => {
  const url = "https://[2001:db8::1]:443";
  throws(() => networkOptions({ relay: url, bind: null }), { code: "relay_url_ipv6", parameters: { url } });
  deepStrictEqual(networkOptions({ relay: "http://[::1]:3340", bind: null }), {
    relay: { url: "http://[::1]:3340/" },
  });
});

Deno.test("network options: the address is an IP address and a port", () => {
  for (const bind of ["0.0.0.0:0", "127.0.0.1:65535", "[::]:4433", "[::1]:1", "[fe80::1%eth0]:1"]) {
    deepStrictEqual(networkOptions({ relay: "default", bind }), { relay: "default", bindAddress: bind });
  }
  for (
    const bind of [
      "localhost:1",
      "1.2.3.4",
      ":1",
      "1.2.3.4:65536",
      "::1:80",
      "[1.2.3.4]:1",
      "01.2.3.4:1",
      "[::1%]:1",
      "1.2.3.4:x",
      "",
    ]
  ) {
    throws(() => networkOptions({ relay: "default", bind }), { code: "option_value_invalid" });
  }
});
