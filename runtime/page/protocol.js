/** Which protocol the browser and the server agreed on, as the browser's own timing entries tell. No DOM. */

/**
 * Reports the protocol of the page itself, then of every later request: HTTP/3 may take over in between.
 * @param {(protocol: string) => void} onProtocol such as `h2`, `h3` or `http/1.1`
 */
export function watchProtocol(onProtocol) {
  const observer = new PerformanceObserver((entries) => {
    for (const entry of entries.getEntries()) {
      // Empty for what came from the cache.
      if (isOwnRequest(entry) && entry.nextHopProtocol !== "") onProtocol(entry.nextHopProtocol);
    }
  });
  observer.observe({ type: "navigation", buffered: true });
  observer.observe({ type: "resource", buffered: true });
}

/**
 * @param {PerformanceEntry} entry
 * @returns {entry is PerformanceResourceTiming}
 */
function isOwnRequest(entry) {
  return entry instanceof PerformanceResourceTiming && entry.name.startsWith(location.origin);
}
