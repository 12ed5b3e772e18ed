// The network options of the commands: --relay and --bind, read and checked, and --wait and --give-up.

import { isIP } from "node:net";
import { relayChoice } from "../app/settings.ts";
import { type Patience, PliError, type RelayChoice } from "../engine/mod.ts";
import type { CommonArguments, PatienceArguments } from "./arguments.ts";
import { UsageError } from "./usage_error.ts";

/** What they mean to the engine. Throws `relay_url_invalid`, `option_value_invalid`. */
export function networkOptions(
  { relay, bind }: Pick<CommonArguments, "relay" | "bind">,
): { relay: RelayChoice; bindAddress?: string } {
  return { relay: relayNamed(relay), ...(bind !== null && { bindAddress: bindAddress(bind) }) };
}

/**
 * How long a sender is tried; what is not said, the engine knows. --give-up limits every wait, or with --wait those
 * after the first contact.
 */
export function patienceOf({ wait, giveUpMs }: PatienceArguments): Partial<Patience> {
  return {
    ...(giveUpMs !== null && { firstMs: giveUpMs, laterMs: giveUpMs }),
    ...(wait && { firstMs: Infinity }),
  };
}

function relayNamed(text: string): RelayChoice {
  const relay = relayChoice(text);
  if (relay === null) throw new PliError("relay_url_invalid", { url: text });
  return relay;
}

/** `ip:port`, an IPv6 address in brackets. */
function bindAddress(text: string): string {
  const [, v6, v4, digits] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const isAddress = v6 !== undefined ? isIP(v6) === 6 : isIP(v4 ?? "") === 4;
  if (!isAddress || Number(digits) > 0xffff) {
    throw new UsageError("option_value_invalid", {
      option: "--bind",
      value: text,
      expected: "address",
    });
  }
  return text;
}
