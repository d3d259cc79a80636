/** What every benchmark of streams can be told on its command line. */

/** `full`: the number of subscribers of which the page tells. */
export function sizeOptions(full: number) {
  return {
    /** Fewer for a quick look, which writes no page. */
    subscribers: { type: "string", default: `${full}` },
    rounds: { type: "string", default: "3" },
  } as const;
}
