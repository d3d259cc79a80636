/** The reference page of the resource, from the CRD's schema: one row a field, with type, default, bounds and meaning. */
import { buildCrd } from "#operator/sseservice/crd.ts";

interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-validations"?: readonly { readonly message: string }[];
}

interface Row {
  readonly path: string;
  readonly node: SchemaNode;
}

export function buildReference(): string {
  const { spec, status } = rootProperties();
  return `# SseService reference

Generated from the resource's schema by \`npm run generate\`. \`kubectl explain sse.spec\` shows the same in a terminal.

Every field of \`spec\` has a default, so this is a complete resource:

\`\`\`yaml
apiVersion: sse-operator.dev/v1alpha1
kind: SseService
metadata:
  name: demo
\`\`\`

## spec

${buildTable("spec", spec)}

## Rules across fields

The API server refuses a resource that breaks one of these, and says so:

${rules("spec", spec)
  .map((line) => `- ${line}`)
  .join("\n")}

## status

${buildTable("status", status)}
`;
}

function rootProperties(): { spec: SchemaNode; status: SchemaNode } {
  const { properties } = buildCrd().spec.versions[0]?.schema.openAPIV3Schema ?? {};
  return { spec: properties?.["spec"] as SchemaNode, status: properties?.["status"] as SchemaNode };
}

function buildTable(path: string, root: SchemaNode): string {
  const lines = leaves(path, root).map(
    ({ path: field, node }) =>
      `| \`${field}\` | ${describeType(node)} | ${describeDefault(node)} | ${escape(describe(node))} |`,
  );
  return ["| Field | Type | Default | Meaning |", "|---|---|---|---|", ...lines].join("\n");
}

/** The fields that hold a value, in the order of the schema. */
function leaves(path: string, node: SchemaNode): Row[] {
  if (node.properties && Object.keys(node.properties).length > 0) {
    return Object.entries(node.properties).flatMap(([name, child]) => leaves(`${path}.${name}`, child));
  }
  if (node.items?.properties) return leaves(`${path}[]`, node.items);
  return [{ path, node }];
}

function describeType(node: SchemaNode): string {
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (node["x-kubernetes-int-or-string"]) return "quantity";
  if (node.type === "array") return `list of ${node.items?.type ?? "values"}, at most ${node.maxItems}`;
  if (node.type === "object") return "map";
  const { minimum, maximum, maxLength } = node;
  if (minimum !== undefined && maximum !== undefined && maximum <= 2_147_483_647) {
    return `${node.type}, ${minimum} to ${maximum}`;
  }
  return maxLength === undefined ? `${node.type}` : `${node.type}, at most ${maxLength} characters`;
}

function describeDefault(node: SchemaNode): string {
  return node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``;
}

function describe({ description = "" }: SchemaNode): string {
  return description.replace(/ Default: .*$/, "");
}

function rules(path: string, node: SchemaNode): string[] {
  const own = (node["x-kubernetes-validations"] ?? []).map(({ message }) => `\`${path}\`: ${message}`);
  const inner = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    rules(`${path}.${name}`, child),
  );
  return [...own, ...inner];
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
