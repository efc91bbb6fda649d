import { k8s } from './kubernetes';
import { quantities } from './namespace';
import type { ContainerResources } from './profile';
import type { SecretRef } from './secret-ref';

/** The security context of a Pod under the Pod Security level `restricted`. @param uid user and group that its files belong to */
export function podSecurityContext(uid: number): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** The security context of a container under `restricted`, with a root file system that nothing can write to. */
export function containerSecurityContext(): k8s.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  };
}

/** Requests and limits as the API wants them. */
export function resourceRequirements(resources: ContainerResources): k8s.ResourceRequirements {
  const disk = resources.ephemeralStorage ?? { request: '64Mi', limit: '1Gi' };
  return {
    requests: quantities({
      cpu: resources.cpu.request,
      memory: resources.memory.request,
      'ephemeral-storage': disk.request,
    }),
    limits: quantities({ cpu: resources.cpu.limit, memory: resources.memory.limit, 'ephemeral-storage': disk.limit }),
  };
}

/** An environment variable with a plain value. */
export function env(name: string, value: string): k8s.EnvVar {
  return { name, value };
}

/** An environment variable that the kubelet reads from a Secret of the Pod's own namespace. */
export function envFromSecret(name: string, ref: SecretRef): k8s.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: ref.name, key: ref.key } } };
}

/** A volume with one key of a Secret as a file that the Pod's group may read. */
export function secretFile(name: string, ref: SecretRef, path: string): k8s.Volume {
  return { name, secret: { secretName: ref.name, defaultMode: 0o440, items: [{ key: ref.key, path }] } };
}

/** A volume with the certificate of an authority, which is no secret, as the file `ca.crt`. */
export function authorityFile(name: string, ref: SecretRef): k8s.Volume {
  return { name, secret: { secretName: ref.name, items: [{ key: ref.key, path: 'ca.crt' }] } };
}
