/** The command lines of etcd, the API server, the controller manager and the scheduler. Pure. */
import { type Flags, withFlags } from "./command-line.ts";
import type { CertificateFiles } from "./pki.ts";

export interface ControlPlaneLayout {
  /** The program with all parts in it. */
  readonly kube: string;
  readonly etcdDataPath: string;
  readonly etcdClientUrl: string;
  readonly etcdPeerUrl: string;
  /** Where the API server listens, and the address that nodes and pods find it at. */
  readonly bindAddress: string;
  readonly address: string;
  readonly port: number;
  readonly serviceCidr: string;
  readonly podCidr: string;
  readonly auditPolicyPath: string;
  readonly auditLogPath: string;
  readonly authority: CertificateFiles;
  readonly serverCertificate: CertificateFiles;
  readonly kubeletClientCertificate: CertificateFiles;
  readonly frontProxyCertificate: CertificateFiles;
  readonly serviceAccountKey: { readonly publicPath: string; readonly privatePath: string };
  /** Without nodes nobody answers for Service endpoints, and no controller makes service accounts. */
  readonly hasNodes: boolean;
}

export function etcdCommand(layout: ControlPlaneLayout): string[] {
  return withFlags([layout.kube, "etcd"], {
    "data-dir": layout.etcdDataPath,
    "listen-client-urls": layout.etcdClientUrl,
    "advertise-client-urls": layout.etcdClientUrl,
    "listen-peer-urls": layout.etcdPeerUrl,
    "initial-advertise-peer-urls": layout.etcdPeerUrl,
    "initial-cluster": `default=${layout.etcdPeerUrl}`,
    // A test cluster may lose its last writes when the machine dies; in return every write is quick.
    "unsafe-no-fsync": true,
    "log-level": "warn",
  });
}

export function apiServerCommand(layout: ControlPlaneLayout): string[] {
  const { authority, serverCertificate, kubeletClientCertificate, frontProxyCertificate } = layout;
  return withFlags([layout.kube, "kube-apiserver"], {
    "etcd-servers": layout.etcdClientUrl,
    "bind-address": layout.bindAddress,
    "advertise-address": layout.address,
    "secure-port": layout.port,
    "tls-cert-file": serverCertificate.certPath,
    "tls-private-key-file": serverCertificate.keyPath,
    "client-ca-file": authority.certPath,
    "kubelet-client-certificate": kubeletClientCertificate.certPath,
    "kubelet-client-key": kubeletClientCertificate.keyPath,
    "kubelet-certificate-authority": authority.certPath,
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-account-key-file": layout.serviceAccountKey.publicPath,
    "service-account-signing-key-file": layout.serviceAccountKey.privatePath,
    "service-cluster-ip-range": layout.serviceCidr,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "allow-privileged": true,
    "requestheader-client-ca-file": authority.certPath,
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "proxy-client-cert-file": frontProxyCertificate.certPath,
    "proxy-client-key-file": frontProxyCertificate.keyPath,
    "enable-aggregator-routing": true,
    "audit-policy-file": layout.auditPolicyPath,
    "audit-log-path": layout.auditLogPath,
    // The line is in the log before the answer is sent: tests read it without waiting.
    "audit-log-mode": "blocking",
    // One file, whatever its size in MB: tests read it whole.
    "audit-log-maxsize": 100_000,
    // Pods of a lost node move on within the patience of a test.
    "default-not-ready-toleration-seconds": 5,
    "default-unreachable-toleration-seconds": 5,
    "shutdown-watch-termination-grace-period": "1s",
    ...(layout.hasNodes
      ? {}
      : { "endpoint-reconciler-type": "none", "disable-admission-plugins": "ServiceAccount" }),
  });
}

export function controllerManagerCommand(layout: ControlPlaneLayout, kubeconfigPath: string): string[] {
  return withFlags([layout.kube, "kube-controller-manager"], {
    ...componentFlags(kubeconfigPath),
    "bind-address": "127.0.0.1",
    // Next to the API server's own free port on a loopback, 0 would switch its health port off; nobody asks for it.
    "secure-port": layout.hasNodes ? 10_257 : 0,
    "use-service-account-credentials": true,
    "service-account-private-key-file": layout.serviceAccountKey.privatePath,
    "root-ca-file": layout.authority.certPath,
    "cluster-signing-cert-file": layout.authority.certPath,
    "cluster-signing-key-file": layout.authority.keyPath,
    "cluster-cidr": layout.podCidr,
    "node-monitor-period": "1s",
    "node-monitor-grace-period": "12s",
  });
}

export function schedulerCommand(layout: ControlPlaneLayout, kubeconfigPath: string): string[] {
  return withFlags([layout.kube, "kube-scheduler"], {
    ...componentFlags(kubeconfigPath),
    "bind-address": "127.0.0.1",
    "secure-port": layout.hasNodes ? 10_259 : 0,
  });
}

function componentFlags(kubeconfigPath: string): Flags {
  return {
    kubeconfig: kubeconfigPath,
    "authentication-kubeconfig": kubeconfigPath,
    "authorization-kubeconfig": kubeconfigPath,
    "leader-elect": false,
    // Their own limits are made for clusters that share an API server with many others.
    "kube-api-qps": 500,
    "kube-api-burst": 1_000,
  };
}
