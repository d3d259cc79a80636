/** Raises the tests' own cluster, with the operator in it as `./dev up` installs it, and removes all but its audit log afterwards. */
import { createCluster } from "#cluster/cluster.ts";
import { installOperator } from "#tools/install.ts";
import { rigImages } from "#tools/product-images.ts";
import { createSteps } from "#tools/steps.ts";
import { discardRecord, keepRecord } from "./record/record.ts";
import { CLUSTER_NAME } from "./world.ts";

export async function setup(): Promise<() => Promise<void>> {
  await discardRecord();
  const progress = createSteps();
  const cluster = await createCluster({ name: CLUSTER_NAME, nodes: 2, progress });
  const images = await rigImages(progress);
  await progress.step("bring the images to the nodes", undefined, () => cluster.importImages(images.saved));
  const { kubectlCommand, auditLogPath } = cluster.controlPlane;
  await installOperator({ kubectl: kubectlCommand, kubectlHint: "kubectl", images, progress });
  return async () => {
    try {
      await keepRecord(auditLogPath);
    } finally {
      await cluster.down();
    }
  };
}
