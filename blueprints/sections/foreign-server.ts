import { port, serverNetworks } from '../config/hosts';
import { certificateAuthority } from './authority';
import { foreignPods } from './installation';

/**
 * Keys that say where a server is that the platform does not make, and who signed its certificate.
 *
 * @param containerPort of its Pods, where nothing else is said
 */
export function foreignServer(containerPort: number) {
  return {
    pods: foreignPods('Its Pods, where it runs in this cluster.')
      .extend({ port: port().default(containerPort).describe('Port of their container.') })
      .exactOptional(),
    cidrs: serverNetworks(50),
    certificateAuthority: certificateAuthority.exactOptional(),
  };
}
