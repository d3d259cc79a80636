import { expect, test } from "vitest";
import { buildSection, replaceSection } from "./page.ts";

const circumstances = { machine: "1 × test", date: "2026-01-02" };

function titles(page: string): string[] {
  return page.split("\n").filter((line) => line.startsWith("#"));
}

test("a section says how it was measured, where and when", () => {
  const section = buildSection("pair", circumstances, "\nwhat came out\n");
  expect(section).toContain("`./dev bench pair`, 2026-01-02, 1 × test.\n\nwhat came out\n");
});

test("sections stand in one order, in whichever order they were measured", () => {
  const first = replaceSection("", "resume", buildSection("resume", circumstances, "restarted"));
  const page = replaceSection(first, "fan-out", buildSection("fan-out", circumstances, "fanned"));
  expect(titles(page)).toEqual(["# Benchmarks", "## Fan-out", "## A restart"]);
});

test("a section takes the place of the one that was there, and of nothing else", () => {
  const build = (name: "topics" | "resume", body: string) => buildSection(name, circumstances, body);
  const both = replaceSection(
    replaceSection("", "topics", build("topics", "old")),
    "resume",
    build("resume", "kept"),
  );
  const page = replaceSection(both, "topics", build("topics", "new"));
  expect(page).toContain("new");
  expect(page).toContain("kept");
  expect(page).not.toContain("old");
  expect(replaceSection(page, "topics", build("topics", "new"))).toBe(page);
});
