/** The samples in the order in which they are meant to be read: their file names begin with a number. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

const folder = join(import.meta.dirname, "..", "samples");

export interface Sample {
  /** Below the repository, as a person types it. */
  readonly file: string;
  readonly path: string;
  readonly names: readonly string[];
}

export async function listSamples(): Promise<Sample[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      return { file: `samples/${file}`, path, names: serviceNames(await readFile(path, "utf8")) };
    }),
  );
}

/** The names of the SseServices in a YAML text. */
export function serviceNames(text: string): string[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS();
    const isService =
      typeof value === "object" && value !== null && "kind" in value && value.kind === "SseService";
    const name = document.getIn(["metadata", "name"]);
    return isService && typeof name === "string" ? [name] : [];
  });
}
