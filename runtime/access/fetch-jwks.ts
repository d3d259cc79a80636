/** Fetches an issuer's JWKS: bounded in time and size, and never from elsewhere than asked. */
import { once } from "node:events";
import { get as getPlain, type IncomingMessage } from "node:http";
import { get } from "node:https";
import { parseJwks, type VerificationKey } from "./key-set.ts";

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;

/**
 * `ca` are the only certificates that its server's one may be signed by, in PEM; undefined: those that Node trusts. A
 * redirect is not followed: it could lead to keys that nobody meant. Rejects when the keys cannot be had.
 */
export async function fetchJwks(url: string, ca: string | undefined): Promise<readonly VerificationKey[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return parseJwks(JSON.parse(await fetchText(url, ca, signal)));
  } catch (error) {
    const found = signal.aborted ? `no whole answer in ${TIMEOUT_MS} ms` : String(error);
    throw new Error(`Cannot fetch the keys "${url}": ${found}`, { cause: error });
  }
}

async function fetchText(url: string, ca: string | undefined, signal: AbortSignal): Promise<string> {
  const options = { signal, agent: false, ...(ca !== undefined && { ca }) } as const;
  const request = new URL(url).protocol === "https:" ? get(url, options) : getPlain(url, options);
  const [response]: IncomingMessage[] = await once(request, "response");
  if (response?.statusCode === 200) return await readBounded(response);
  request.destroy();
  throw new Error(`the answer is ${response?.statusCode}`);
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
