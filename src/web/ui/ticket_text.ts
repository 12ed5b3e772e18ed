// Finds a ticket in what somebody pastes: the ticket itself, or a whole line such as `sendme receive blob…`.

const PREFIX = "blob";

/** The ticket, or null. Whether it can be read is the server's to say. */
export function findTicket(text: string): string | null {
  const words = text.trim().split(/\s+/);
  return words.find((word) => word.startsWith(PREFIX) && word.length > PREFIX.length) ?? null;
}
