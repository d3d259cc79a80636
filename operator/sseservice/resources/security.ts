/** What Pod Security `restricted` asks of every container. Pure. */
import type { V1SecurityContext } from "@kubernetes/client-node";

export const RESTRICTED: V1SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
