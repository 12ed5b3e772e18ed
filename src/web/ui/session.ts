// Authenticates the page: a code, of its URL or typed, is exchanged for the token of this run, which is stored in this
// tab.

import { ApiError, closedBy, failureOf, trade } from "./api.ts";
import { fillTicket } from "./receiving.ts";

const TOKEN = "pli.token";

/** The token of this tab; null if there is none. Throws if pli is not reachable. */
export async function authenticate(): Promise<string | null> {
  // A page that the browser preloads, and may never show, must not use up the code.
  await untilVisible();
  const [code, linked] = location.hash.replace(/^#(code=)?/, "").split(".");
  if (code === "") return sessionStorage.getItem(TOKEN);
  // Removed from the address and from the history before it can be copied.
  history.replaceState(null, "", location.pathname);
  try {
    const token = keep(await trade(code));
    // Only with a code: another site can make a link to the page, and cannot make one with a valid code.
    if (linked !== undefined) fillTicket(linked);
    return token;
  } catch (error) {
    if (!(error instanceof ApiError) || error.failure.code === "offline") throw error;
    // A page that was reloaded with an old address still has its token.
    const token = sessionStorage.getItem(TOKEN);
    if (token === null) closedBy.value = failureOf(error);
    return token;
  }
}

/** Authenticates the page by a typed code and reloads it. Throws ApiError. */
export async function authenticateByCode(code: string): Promise<void> {
  keep(await trade(code));
  location.reload();
}

/** Removes an invalid token. */
export function removeToken(): void {
  sessionStorage.removeItem(TOKEN);
}

function keep(token: string): string {
  sessionStorage.setItem(TOKEN, token);
  return token;
}

async function untilVisible(): Promise<void> {
  if (!("prerendering" in document) || document.prerendering !== true) return;
  await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve, { once: true }));
}
