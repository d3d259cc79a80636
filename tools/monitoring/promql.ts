/** Reads PromQL with Prometheus' own grammar: which metrics an expression names, and which labels. For tests. */
import { parser } from "@prometheus-io/lezer-promql";

interface Matcher {
  readonly label: string;
  readonly values: readonly string[];
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels by which it groups or joins. */
  readonly groupings: readonly string[];
}

/** Throws on what is no PromQL. */
export function parsePromQl(text: string): Expression {
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const groupings: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`Cannot read "${text}": wrong at character ${from}`);
      const part = text.slice(from, to);
      const parent = node.parent?.name;
      if (name === "VectorSelector") selectors.push({ metric: "", matchers: [] });
      if (name === "LabelName" && parent === "GroupingLabels") groupings.push(part);
      const current = selectors.at(-1);
      if (!current) return;
      if (name === "Identifier" && parent === "VectorSelector") current.metric = part;
      if (name === "UnquotedLabelMatcher") current.matchers.push(parseMatcher(part));
    },
  });
  return { selectors, groupings };
}

function parseMatcher(text: string): Matcher {
  const [, label = "", value = ""] = /^(\w+)\s*(?:=~|!~|!=|=)\s*"(.*)"$/.exec(text) ?? [];
  return { label, values: value.split("|") };
}
