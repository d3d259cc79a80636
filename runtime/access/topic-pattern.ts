/** Which topics a token's patterns name. Pure. */

/**
 * A pattern is a topic's name, or the beginning of names and one `*` after it; `*` alone is every topic. A `*`
 * elsewhere is a character like any other, so whatever is not understood opens nothing.
 */
export function matchesTopic(pattern: string, topic: string): boolean {
  return pattern.endsWith("*") ? topic.startsWith(pattern.slice(0, -1)) : pattern === topic;
}

export function matchesAny(patterns: readonly string[], topic: string): boolean {
  return patterns.some((pattern) => matchesTopic(pattern, topic));
}
