/** Why the server cannot be used, in words for whoever looks after the service. Pure. */

/** OpenSSL's words for a chain that ends at nobody known. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function describeTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isUntrusted = "code" in error && UNTRUSTED.has(error.code);
  return isUntrusted
    ? `its certificate is of no authority that is trusted here (${String(error.code)}): see that \`ca\` holds the right one`
    : error.message;
}
