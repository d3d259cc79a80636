/** A certificate for 127.0.0.1 that is its own authority, as files and as text. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SelfSigned {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly key: string;
  readonly certificate: string;
  readonly dispose: () => Promise<void>;
}

export async function createSelfSigned(): Promise<SelfSigned> {
  const folder = await mkdtemp(join(tmpdir(), "sse-tls-"));
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  await run("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test".split(" "),
    ...`-addext subjectAltName=IP:127.0.0.1 -keyout ${keyFile} -out ${certificateFile}`.split(" "),
  ]);
  return {
    keyFile,
    certificateFile,
    key: await readFile(keyFile, "utf8"),
    certificate: await readFile(certificateFile, "utf8"),
    dispose: () => rm(folder, { recursive: true }),
  };
}
