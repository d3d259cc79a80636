/** The same stream from a terminal: curl commands for this page's own address and topics. No DOM. */

/**
 * @param {{ base: string, topics: readonly string[], withToken: boolean }} page
 * @returns {{ follow: string, publish: string }}
 */
export function curlCommands({ base, topics, withToken }) {
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  const submit = new URLSearchParams({ topic: topics[0] ?? "default", event: "job" });
  const lines = [
    `curl ${quote(new URL(`submit?${submit}`, base).href)}`,
    ...(withToken ? [`-H "Authorization: Bearer $TOKEN"`] : []),
    `-H 'Content-Type: text/plain'`,
    `--data-binary ${quote(JSON.stringify({ process: 1, client: "a terminal" }))}`,
  ];
  return {
    follow: `curl -N ${quote(new URL(`status?${query}`, base).href)}`,
    publish: lines.join(" \\\n  "),
  };
}

/** @param {string} word made safe for a POSIX shell */
function quote(word) {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
