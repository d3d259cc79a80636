/** The benchmarks' page: a section for each benchmark, replaced when that one has run in full. Pure. */

/** In the order of the page. */
export const SECTIONS = {
  "fan-out": "Fan-out",
  pair: "Behind nginx, over TLS and HTTP/2",
  sidecar: "Memory of the sidecar",
  topics: "Memory of topics",
  resume: "A restart",
  operator: "The operator at scale",
} as const;

export type BenchName = keyof typeof SECTIONS;

const INTRODUCTION = `# Benchmarks

What is promised in numbers, and what was measured. \`./dev bench\` measures all of it in half an hour and writes
this page; \`./dev bench NAME\` measures one section. Either fails when a promise that it measured is not kept.

The servers have one core, the load tool another; everything goes over sockets of this machine. Every round starts
every server afresh; a ratio is taken within a round, and the median of the rounds is shown. The load tool checks every
event for loss, repeats and order, and a server that fails that is not compared. Figures of another machine differ;
ratios differ less.
`;

export interface Circumstances {
  readonly machine: string;
  readonly date: string;
}

export function buildSection(name: BenchName, { machine, date }: Circumstances, body: string): string {
  return `## ${SECTIONS[name]}\n\n\`./dev bench ${name}\`, ${date}, ${machine}.\n\n${body.trim()}\n`;
}

/** The page with this section in its place, in whatever state the page was. */
export function replaceSection(page: string, name: BenchName, section: string): string {
  const found = page.split(/^(?=## )/m);
  const sections = Object.entries(SECTIONS).map(([each, title]) =>
    each === name ? section : found.find((text) => text.startsWith(`## ${title}\n`)),
  );
  return (
    [INTRODUCTION, ...sections.filter((text) => text !== undefined)].map((text) => text.trim()).join("\n\n") +
    "\n"
  );
}
