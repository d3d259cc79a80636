/** A real headless Chromium for tests: the distribution's own, on a fresh profile, and cut off from every host not named. */
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

const run = promisify(execFile);

const EXECUTABLE = "/usr/bin/chromium";

const QUIET_FLAGS = [
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a test may change; everything has a default. */
export interface ChromiumOptions {
  /** Host names or addresses that the browser may reach besides loopback. */
  readonly extraHosts?: readonly string[];
  /** HTTP/3 is off unless asked for: without it a test that expects h2 gets h2. */
  readonly quic?: boolean;
  /** HTTP/1.1 only, to show what HTTP/2 is for. */
  readonly http2?: boolean;
}

/**
 * Starts Chromium with a new profile, which `browser.close()` removes again.
 * Everything but loopback and `extraHosts` fails to resolve: a headless Chromium looks up its vendor's hosts otherwise.
 */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  await installChromium();
  const reachable = ["127.0.0.1", "localhost", ...(options.extraHosts ?? [])];
  const hostRules = ["MAP * ~NOTFOUND", ...reachable.map((host) => `EXCLUDE ${host}`)].join(", ");
  return await chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    chromiumSandbox: false,
    args: [
      ...QUIET_FLAGS,
      `--host-resolver-rules=${hostRules}`,
      ...(options.quic === true ? [] : ["--disable-quic"]),
      ...(options.http2 === false ? ["--disable-http2"] : []),
    ],
  });
}

/** Playwright's own browser download is not used: a distribution's package is there, or can be had, on every machine. */
async function installChromium(): Promise<void> {
  if (await isPresent(EXECUTABLE)) return;
  try {
    await aptGet("install", "-y", "--no-install-recommends", "chromium");
  } catch {
    // A fresh machine or image has no package lists yet.
    await aptGet("update");
    await aptGet("install", "-y", "--no-install-recommends", "chromium");
  }
}

async function isPresent(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function aptGet(...words: string[]): Promise<void> {
  await run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-q", ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  });
}
