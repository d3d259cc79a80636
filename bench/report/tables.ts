/** What was promised and what was measured, as Markdown tables. Pure. */
import type { Verdict } from "./promises.ts";
import { median, type Measured, type Round } from "./rounds.ts";

export interface Column<Metric extends string> {
  readonly title: string;
  readonly metric: Metric;
  readonly format: (value: number) => string;
}

type Named<Name extends string> = Pick<Measured<Name>, "name" | "title">;

export function promiseTable(servers: readonly Named<string>[], verdicts: readonly Verdict[]): string {
  const title = (name: string): string => servers.find((server) => server.name === name)?.title ?? name;
  const rows = verdicts.map(({ promised, measured, isReached }) => {
    const { against = [], bound, reach, unit } = promised;
    const format = (value: number): string =>
      unit === undefined ? `${value.toFixed(2)} ×` : `${round(value)} ${unit}`;
    return [
      promised.title,
      against.length > 1 ? `the best of: ${against.map(title).join("; ")}` : against.map(title).join(""),
      `${bound === "atLeast" ? "≥" : "≤"} ${reach} ${unit ?? "×"}`,
      measured === undefined ? "not measured" : format(measured),
      measured === undefined ? "" : isReached ? "yes" : "**no**",
    ];
  });
  return table(["", "against", "promised", "measured", "reached"], rows);
}

export function figureTable<Name extends string, Metric extends string>(
  servers: readonly Named<Name>[],
  columns: readonly Column<Metric>[],
  rounds: readonly Round<Name, Metric>[],
  areFiguresRows = false,
): string {
  const rows = servers.map(({ name, title }) => [
    title,
    ...columns.map(({ metric, format }) => {
      const values = rounds.map((each) => each[name]?.[metric]).filter((value) => value !== undefined);
      return values.length === 0 ? "" : format(median(values));
    }),
  ]);
  const head = ["", ...columns.map(({ title }) => title)];
  if (!areFiguresRows) return table(head, rows);
  const [first = [], ...rest] = transpose([head, ...rows]);
  return table(first, rest);
}

function transpose(rows: readonly (readonly string[])[]): string[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ""));
}

export function thousands(value: number): string {
  return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} k`;
}

export function kilobytes(value: number): string {
  return `${(value / 1000).toFixed(1)} kB`;
}

export function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(0)} MB`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

export function microseconds(value: number): string {
  return `${value.toFixed(2)} µs`;
}

/** Bytes are whole; a few seconds are not. */
function round(value: number): string {
  return value.toFixed(Math.abs(value) < 100 ? 2 : 0);
}

/** Columns are padded, as the formatter would. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
