/** What everything that shares the machine has taken of it, part by part. */
import { runningPid } from "#cluster/processes.ts";
import { readUsage } from "../servers/usage.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

/** In CPU seconds since each has begun. */
export interface CpuSeconds {
  readonly operator: number;
  /** API server and etcd. */
  readonly storage: number;
  /** Controller manager and scheduler. */
  readonly controllers: number;
  /** kwok. */
  readonly nodes: number;
  /** This process: it makes the services, waits for them, and answers for the pods. */
  readonly bench: number;
}

export async function readCpuSeconds(
  { processes }: SimulatedCluster,
  operatorPid: number,
): Promise<CpuSeconds> {
  const of = async (...names: readonly string[]): Promise<number> => {
    const records = processes.filter(({ name }) => names.includes(name));
    const pids = await Promise.all(records.map(({ recordPath }) => runningPid(recordPath)));
    const usages = await Promise.all(pids.map((pid = Number.NaN) => readUsage(pid)));
    return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  };
  const { user, system } = process.cpuUsage();
  return {
    operator: (await readUsage(operatorPid)).cpuSeconds,
    storage: await of("kube-apiserver", "etcd"),
    controllers: await of("kube-controller-manager", "kube-scheduler"),
    nodes: await of("kwok"),
    bench: (user + system) / 1e6,
  };
}
