/** The same stream from a terminal: curl commands for this page's own address and topics. No DOM. */

/**
 * @param {string} base
 * @param {readonly string[]} topics
 * @returns {{ follow: string, publish: string }}
 */
export function curlCommands(base, topics) {
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  const submit = new URLSearchParams({ topic: topics[0] ?? "default", event: "job" });
  const job = JSON.stringify({ process: 1, client: "a terminal" });
  const lines = [
    `curl ${quote(new URL(`submit?${submit}`, base).href)}`,
    "-H 'Content-Type: text/plain'",
    `--data-binary ${quote(job)}`,
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
