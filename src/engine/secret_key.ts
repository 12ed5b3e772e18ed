// The secret key of an endpoint: 32 random bytes (Ed25519), which are its identity.

const SECRET_KEY_BYTES = 32;

/**
 * A new secret key, for one share or one download. A share's key determines its ticket: sharing the same paths with
 * the same key again yields a ticket for the same endpoint.
 */
export function generateSecretKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SECRET_KEY_BYTES));
}
