import * as credentials from './credentials';
import { discovery } from './discovery';
import { image } from './image';
import { ingress } from './ingress';
import { kubernetesRole } from './kubernetes-role';
import { networkPolicy } from './network-policy';
import { password } from './password';
import { persistence } from './persistence';
import { resources } from './resources';
import { nodeSelector, startupProbe, tolerations } from './scheduling';
import { personalInit } from './start-script';
import { caBundle, extraEnv, packageMirrors, proxy } from './surroundings';
import { autosuspend } from './suspend';

/**
 * What services of a catalog share. Each part brings its values, with what Onyxia fills in, and what follows from them: objects,
 * environment, volumes.
 *
 * @example
 * import { parts } from 'bouture';
 * const shared = [parts.s3(), parts.vault(), parts.git(), parts.autosuspend()] as const;
 */
export const parts = {
  autosuspend,
  caBundle,
  discovery,
  extraEnv,
  git: credentials.git,
  image,
  ingress,
  kubernetesRole,
  networkPolicy,
  nodeSelector,
  packageMirrors,
  password,
  persistence,
  personalInit,
  proxy,
  resources,
  s3: credentials.s3,
  startupProbe,
  tolerations,
  vault: credentials.vault,
} as const;
