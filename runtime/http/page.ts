/** The client page's files, read once at start. */
import { hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Handler, Routes } from "./router.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
]);

/** `index.html` at `/` and every script and style sheet under its name; no routes when there is no `index.html`. */
export async function loadPage(directory: URL): Promise<Routes> {
  const names = (await namesIn(directory)).filter((name) => TYPES.has(extname(name)));
  if (!names.includes("index.html")) return {};
  const routes = await Promise.all(
    names.map(async (name) => [pathOf(name), await loadFile(directory, name)] as const),
  );
  return Object.fromEntries(routes);
}

async function namesIn(directory: URL): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function pathOf(name: string): string {
  return name === "index.html" ? "/" : `/${name}`;
}

async function loadFile(directory: URL, name: string): Promise<Routes[string]> {
  const body = await readFile(new URL(name, directory));
  const headers = {
    "content-type": TYPES.get(extname(name)),
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    etag: `"${hash("sha256", body, "base64url").slice(0, 22)}"`,
  };
  const get: Handler = (request, response) => {
    if (request.headers["if-none-match"] === headers.etag) response.writeHead(304, headers).end();
    else response.writeHead(200, { ...headers, "content-length": body.length }).end(body);
  };
  return { GET: get, HEAD: get };
}
