/** Files of YAML documents -> the SseServices in them, or every error with its file, document and field. Pure. */
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { isObject } from "#operator/is-object.ts";
import { GROUP, KIND, type SseService, VERSION } from "#operator/sseservice/spec.ts";
import { parseSseService } from "#operator/sseservice/parse.ts";

export interface SourceFile {
  /** As a person knows it. */
  readonly name: string;
  readonly text: string;
}

/** An SseService as a file has it: with a namespace, and as yet unparsed. */
export interface ServiceDocument {
  /** `shop.yaml, document 2`. */
  readonly place: string;
  readonly resource: ResourceInFile;
  readonly service: SseService;
}

export interface ResourceInFile {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: z.output<typeof FileMetadata>;
  readonly spec?: Record<string, unknown> | undefined;
}

const Texts = z.record(z.string(), z.string());

/** What a file may say of an object; what the API server adds to it is passed over. */
const FileMetadata = z.object({
  name: z.string(),
  namespace: z.string(),
  labels: Texts.exactOptional(),
  annotations: Texts.exactOptional(),
});

const FileResource = z.object({
  apiVersion: z.literal(`${GROUP}/${VERSION}`),
  kind: z.literal(KIND),
  metadata: FileMetadata,
  spec: z.record(z.string(), z.unknown()).exactOptional(),
});

export interface Documents {
  readonly documents: readonly ServiceDocument[];
  /** Empty when all is well. */
  readonly problems: readonly string[];
}

interface Defaults {
  readonly namespace: string;
  /** Stands for the uid that the API server gives. */
  readonly uid: string;
}

const ROOT_FIELDS = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

/** Objects of other kinds are passed over: a file may hold what the service needs beside it. */
export function readDocuments(files: readonly SourceFile[], defaults: Defaults): Documents {
  const read = files.map((file) => readFile(file, defaults));
  const documents = read.flatMap((file) => file.documents);
  const problems = read.flatMap((file) => file.problems);
  if (documents.length === 0 && problems.length === 0) {
    problems.push(`Cannot find an ${KIND} in ${files.map(({ name }) => name).join(", ")}`);
  }
  return { documents, problems };
}

function readFile(
  { name, text }: SourceFile,
  defaults: Defaults,
): { documents: ServiceDocument[]; problems: string[] } {
  const documents: ServiceDocument[] = [];
  const problems: string[] = [];
  const parsed = parseAllDocuments(text, { version: "1.1" });
  for (const [index, document] of parsed.entries()) {
    const place = `${name}, document ${index + 1}`;
    if (document.errors.length > 0) {
      problems.push(...document.errors.map(({ message }) => `${place}: ${firstLine(message)}`));
      continue;
    }
    const value: unknown = document.toJS();
    if (!isOurs(value)) continue;
    const result = readService(value, place, defaults);
    if ("document" in result) documents.push(result.document);
    else problems.push(...result.problems.map((problem) => `${place}: ${problem}`));
  }
  return { documents, problems };
}

function readService(
  value: Record<string, unknown>,
  place: string,
  defaults: Defaults,
): { readonly document: ServiceDocument } | { readonly problems: readonly string[] } {
  const strangers = Object.keys(value).filter((field) => !ROOT_FIELDS.has(field));
  if (strangers.length > 0) return { problems: strangers.map((field) => `${field}: there is no such field`) };
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const whole = { ...value, metadata: { ...defaults, ...metadata } };
  const parsed = parseSseService(whole, "refuse");
  if ("issues" in parsed)
    return { problems: parsed.issues.map(({ field, message }) => `${field}: ${message}`) };
  const { success, data, error } = FileResource.safeParse(whole);
  return success
    ? { document: { place, resource: data, service: parsed.service } }
    : { problems: error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`) };
}

function isOurs(value: unknown): value is Record<string, unknown> {
  return isObject(value) && value["kind"] === KIND;
}

/** The parser's message goes on with an extract of the file. */
function firstLine(message: string): string {
  return message.split("\n")[0]?.replace(/:$/, "") ?? message;
}
