/** Paths, ports and user ids inside a pod: what the Deployment, nginx.conf and runtime.json must agree on. Pure. */

/** nginx's TLS port, the only one reachable from outside the pod but for the management port. */
export const HTTPS_PORT = 8443;
/** The runtime's health, metrics and counts. */
export const MANAGEMENT_PORT = 9090;

export const SOCKET_DIRECTORY = "/run/sse";
export const SOCKET_PATH = `${SOCKET_DIRECTORY}/runtime.sock`;
export const NGINX_CONFIG_DIRECTORY = "/etc/sse-nginx";
export const RUNTIME_CONFIG_DIRECTORY = "/etc/sse";
export const TLS_DIRECTORY = "/etc/sse-tls";
/** The certificate without its key, for the runtime. */
export const CERTIFICATE_DIRECTORY = "/etc/sse-certificate";
export const CERTIFICATE_FILE = "tls.crt";
export const TOKEN_DIRECTORY = "/etc/sse-tokens";
export const JWT_KEY_DIRECTORY = "/etc/sse-jwt";
export const BACKPLANE_DIRECTORY = "/etc/sse-backplane";
export const BACKPLANE_URL_FILE = "url";
export const BACKPLANE_CA_DIRECTORY = "/etc/sse-backplane-ca";
export const JWKS_CA_DIRECTORY = "/etc/sse-jwks-ca";
export const CA_FILE = "ca.crt";

/** The user `nginx` of the official images; both containers run as it, so that they share the socket. */
export const USER_ID = 101;

/** Endpoints take this long to leave every node's kube-proxy (measured: 0.25-1.1 s); nginx serves on until then. */
export const PRE_STOP_SLEEP_SECONDS = 5;
/** Between the last stream's end and the kill. */
export const TERMINATION_SLACK_SECONDS = 15;
