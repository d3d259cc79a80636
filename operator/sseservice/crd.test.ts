import { describe, expect, test } from "vitest";
import { buildCrd } from "./crd.ts";

interface Node {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  maxProperties?: number;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
  "x-kubernetes-int-or-string"?: boolean;
}

const root = buildCrd().spec.versions[0]?.schema.openAPIV3Schema.properties as Record<string, Node>;

/** Every node below `spec`, by its path. */
function walk(path: string, node: Node): [string, Node][] {
  const inner = [
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => walk(`${path}.${name}`, child)),
    ...(node.items ? walk(`${path}[]`, node.items) : []),
    ...(typeof node.additionalProperties === "object" ? walk(`${path}.*`, node.additionalProperties) : []),
  ];
  return [[path, node], ...inner];
}

/** A field that a user sets, and not one that only holds others. */
function isValue([path, { properties, items }]: [string, Node]): boolean {
  return !properties && !items?.properties && !/(\.\*|\[\])$/.test(path);
}

const nodes = walk("spec", root["spec"] as Node);

describe("the CRD", () => {
  test.each(nodes)("%s is bounded", (_, node) => {
    if (node["x-kubernetes-int-or-string"]) expect(node).toHaveProperty("pattern");
    else if (node.type === "boolean") expect(node).not.toHaveProperty("enum");
    else if (node.enum) expect(node.type).toBe("string");
    else if (node.type === "integer")
      expect(node).toMatchObject({ minimum: expect.any(Number), maximum: expect.any(Number) });
    else if (node.type === "string") expect(node.maxLength).toBeGreaterThan(0);
    else if (node.type === "array") expect(node.maxItems).toBeGreaterThan(0);
    else if (node.additionalProperties) expect(node.maxProperties).toBeGreaterThan(0);
    else expect(node.type).toBe("object");
  });

  test.each(nodes.filter(isValue))(
    "%s says what it is, with its default or an example",
    (_, { description = "", enum: words, default: value }) => {
      expect(description).toMatch(/\w{3}/);
      if (words === undefined && (value === undefined || typeof value === "object"))
        expect(description).toMatch(/`.+`|Default: /);
    },
  );

  test("writes the default of spec out whole, so that CEL rules can be checked against it", () => {
    expect(root["spec"]?.default).toMatchObject({ replicas: 1, stream: { heartbeatSeconds: 15 } });
  });

  test("describes a field with its default once, as `kubectl explain` shows no defaults", () => {
    expect(root["spec"]?.properties?.["page"]?.description).toBe(
      'The client page served at `/`. Default: "Enabled".',
    );
  });

  test("leaves no word of JSON Schema that the API server refuses", () => {
    const text = JSON.stringify(buildCrd());
    for (const word of ["$schema", "propertyNames", '"additionalProperties":false', "anyOf"])
      expect(text).not.toContain(word);
  });
});
