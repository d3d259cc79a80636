/**
 * Compares a manager's record of the fields that it owns (`fieldsV1`) with an object. Needs no schema: the record tells
 * itself how each list is keyed, and which values are one piece. Pure.
 */

type Json = Readonly<Record<string, unknown>>;

/** Every manager owns what names the object, and none has it in its record. */
const NAMING = { apiVersion: undefined, kind: undefined };
const NAMING_METADATA = { name: undefined, namespace: undefined };

/** Whether the record names every field of the object, and no other. */
export function ownsExactly(fields: unknown, object: { readonly metadata: object }): boolean {
  const metadata = { ...object.metadata, ...NAMING_METADATA };
  return covers(fields, { ...object, ...NAMING, metadata });
}

function covers(fields: unknown, value: unknown): boolean {
  if (!isJson(fields)) return false;
  const paths = Object.keys(fields);
  // A value of its own, or a list or map that is one piece.
  if (paths.length === 0) return true;
  const inner = paths.filter((path) => path !== "."); // "." is the list's item itself
  return Array.isArray(value)
    ? coversItems(fields, inner, value)
    : isJson(value) && coversMembers(fields, inner, value);
}

function coversMembers(fields: Json, paths: readonly string[], value: Json): boolean {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return (
    members.length === paths.length && members.every(([name, member]) => covers(fields[`f:${name}`], member))
  );
}

function coversItems(fields: Json, paths: readonly string[], items: readonly unknown[]): boolean {
  return (
    items.length === paths.length &&
    paths.every((path) => items.some((item, index) => isAt(path, item, index) && covers(fields[path], item)))
  );
}

/** A path names an item by its keys (`k:`), its value (`v:`) or its place (`i:`). */
function isAt(path: string, item: unknown, index: number): boolean {
  const text = path.slice(2);
  if (path.startsWith("i:")) return text === String(index);
  const wanted: unknown = JSON.parse(text);
  if (path.startsWith("v:")) return wanted === item;
  if (!path.startsWith("k:") || !isJson(wanted) || !isJson(item)) return false;
  // A key that the item leaves out has its default.
  return Object.entries(wanted).every(([name, value]) => (item[name] ?? value) === value);
}

function isJson(value: unknown): value is Json {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
