/** Kubernetes objects as YAML text. Pure. */
import { stringify } from "yaml";

/** kubectl reads YAML 1.1, in which a bare `yes` is a boolean: what must be text is quoted for it. */
export function toYaml(objects: readonly object[]): string {
  return objects
    .map((object) => stringify(object, { version: "1.1", aliasDuplicateObjects: false, lineWidth: 0 }))
    .join("---\n");
}
