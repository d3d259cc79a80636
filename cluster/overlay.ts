/** Whether a folder's file system can carry overlays: not where it is one itself, as inside another container. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { succeeds } from "./commands.ts";

const known = new Map<string, Promise<boolean>>();

export async function canMountOverlay(folder: string): Promise<boolean> {
  const answer = known.get(folder) ?? tryMount(folder);
  known.set(folder, answer);
  return answer;
}

/** Tries it, in a mount namespace that ends with the try. */
async function tryMount(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const place = await mkdtemp(join(folder, ".overlay-"));
  try {
    const layers = ["lower", "upper", "work", "merged"].map((name) => join(place, name));
    await Promise.all(layers.map((layer) => mkdir(layer)));
    const [lower = "", upper = "", work = "", merged = ""] = layers;
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    return await succeeds(["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", options, merged]);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
