/** Order of two resource versions of one object. Pure. */

/**
 * `true` only if `version` is surely older than `than`. Kubernetes 1.35 made the order of resource versions part of its
 * API (KEP-5504: decimal numbers, compared as such); whatever else a server uses is never called older.
 */
export function isOlderVersion(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined || !isDecimal(version) || !isDecimal(than)) return false;
  return version.length === than.length ? version < than : version.length < than.length;
}

/** Whether an object of this version may tell something that the known one did not. */
export function isNews(version: string | undefined, known: string | undefined): boolean {
  return version !== known && !isOlderVersion(version, known);
}

function isDecimal(version: string): boolean {
  return /^[1-9][0-9]*$/.test(version);
}
