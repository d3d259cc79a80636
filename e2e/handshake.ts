/** What a new TLS connection to a service is shown. */
import { once } from "node:events";
import { connect } from "node:tls";

export interface Handshake {
  /** SHA-256, upper-case pairs joined by colons. */
  readonly fingerprint: string;
  /** A client that trusts nothing but these authorities takes the certificate. */
  readonly isTrusted: boolean;
}

/** `url` like `https://192.0.2.1:30007`; `ca` PEM, one authority or several. */
export async function shakeHands(url: string, ca: string): Promise<Handshake> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), ca, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  try {
    await once(socket, "secureConnect");
    const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? "none";
    return { fingerprint, isTrusted: socket.authorized };
  } finally {
    socket.destroy();
  }
}
