import { existsSync } from 'node:fs';
import { NODES } from './addresses';
import { attempt } from './commands';
import { containerdSocket } from './node';

/**
 * Lets the nodes that run forget an image, so that the next Pod pulls what the registry has now: under the same tag, a kubelet would go on with what
 * it has. Pods that run keep theirs.
 *
 * @param reference with its registry and tag
 */
export async function forgetOnNodes(reference: string): Promise<void> {
  for (const socket of NODES.map(containerdSocket).filter((path) => existsSync(path))) {
    // A node that never had it says so, which is as well.
    await attempt('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'rm', reference]);
  }
}
