/** Servers are measured in turn, in rounds, so that what the machine does meanwhile happens to all of them. */

export interface Measured<Name extends string> {
  readonly name: Name;
  /** For the tables. */
  readonly title: string;
  readonly isOurs: boolean;
}

/** What one round of one server comes to. */
export type Figures<Metric extends string> = Readonly<Partial<Record<Metric, number>>>;

/** Every server once; undefined where it failed. */
export type Round<Name extends string, Metric extends string> = Readonly<
  Partial<Record<Name, Figures<Metric> | undefined>>
>;

/** Each round begins with another server, so that nobody always comes after the same neighbour's heat. */
export async function runRounds<Name extends string, Metric extends string, Each extends Measured<Name>>(
  servers: readonly Each[],
  count: number,
  measure: (server: Each, round: number) => Promise<Figures<Metric>>,
): Promise<Round<Name, Metric>[]> {
  const rounds: Round<Name, Metric>[] = [];
  for (let number = 0; number < count; number++) {
    const round: Partial<Record<Name, Figures<Metric> | undefined>> = {};
    for (let turn = 0; turn < servers.length; turn++) {
      const server = servers[(turn + number) % servers.length];
      if (server === undefined) continue;
      console.log(`  round ${number + 1}: ${server.title}`);
      const figures = measure(server, number);
      round[server.name] = await (server.isOurs ? figures : figures.catch(leaveOut));
    }
    rounds.push(round);
  }
  return rounds;
}

/** Nothing is claimed about a server that cannot do it; ours has to. */
function leaveOut(error: unknown): undefined {
  console.error(`  left out: ${error instanceof Error ? error.message : String(error)}`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
