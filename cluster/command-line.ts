/** Command lines as people read them: the program, then its flags by name. Pure. */

export type Flags = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** `--name=value` for each flag; one with several values is given several times. */
export function withFlags(program: readonly string[], flags: Flags): string[] {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    typeof value === "object" ? value.map((each) => `--${name}=${each}`) : [`--${name}=${value}`],
  );
  return [...program, ...given];
}
