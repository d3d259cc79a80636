import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type PartType, REASONS } from "./reasons.ts";

const DOC = readFileSync(join(import.meta.dirname, "../../../docs/status.md"), "utf8");

/** The reasons in the rows of docs/status.md, which name one or several, under each condition. */
function documentedReasons(): Record<string, string[]> {
  const documented: Record<string, string[]> = {};
  let type = "";
  const lines = /^### `(\w+)`$|^\| (?:True|False|Unknown) ((?:`\w+`(?:, )?)+) /gm;
  for (const [, condition, reasons = ""] of DOC.matchAll(lines)) {
    if (condition) type = condition;
    else (documented[type] ??= []).push(...reasons.replaceAll("`", "").split(", "));
  }
  return documented;
}

test.each(Object.keys(REASONS) as PartType[])("docs/status.md explains every reason of %s", (type) => {
  expect(new Set(documentedReasons()[type])).toEqual(new Set(REASONS[type]));
});
