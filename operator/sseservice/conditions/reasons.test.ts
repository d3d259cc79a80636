import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type PartType, REASONS } from "./reasons.ts";

const DOC = readFileSync(join(import.meta.dirname, "../../../docs/status.md"), "utf8");

/** The rows of docs/status.md under each condition, as `True Reason`. */
function documentedReasons(): Record<string, string[]> {
  const documented: Record<string, string[]> = {};
  let type = "";
  for (const [, condition, reason] of DOC.matchAll(/^\| *(`\w+`)? *\| (?:True|False|Unknown) `(\w+)` /gm)) {
    if (condition) type = condition.replaceAll("`", "");
    (documented[type] ??= []).push(reason ?? "");
  }
  return documented;
}

test.each(Object.keys(REASONS) as PartType[])("docs/status.md explains every reason of %s", (type) => {
  expect(new Set(documentedReasons()[type])).toEqual(new Set(REASONS[type]));
});
