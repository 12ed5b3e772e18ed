// How the page gets in: the code in its URL is traded for the token of this run, which stays in this tab.

const TOKEN = "pli.token";

/** The token of this tab; null when there is none, or the code has been used up. Throws when pli is not there. */
export async function enter(): Promise<string | null> {
  const code = location.hash.replace(/^#(code=)?/, "");
  if (code === "") return sessionStorage.getItem(TOKEN);
  // Gone from the address and from the history before anybody can copy it.
  history.replaceState(null, "", location.pathname);
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  // A page that was loaded again with an old address is still let in by its token.
  if (!response.ok) return sessionStorage.getItem(TOKEN);
  const { token }: { token: string } = await response.json();
  sessionStorage.setItem(TOKEN, token);
  return token;
}

/** Forgets a token that the server does not know. */
export function leave(): void {
  sessionStorage.removeItem(TOKEN);
}
