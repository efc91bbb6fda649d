import { containerSecurityContext, env, type k8s, resourceRequirements, type SecretRef } from '../platform';

const GIVEN = '/etc/authorities';
const JOINED = '/run/authorities';

/** What a Pod needs in order to trust authorities beside the public ones. */
export interface TrustedAuthorities {
  /** File with all of them. @default - there is none to trust */
  readonly file?: string;
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
  /** Makes the file of several. @default - none */
  readonly init: readonly k8s.Container[];
}

/**
 * Authorities as the one file that most programs want. A single one is mounted as it is; several are joined when the Pod starts.
 *
 * @param image with a shell
 */
export function trustedAuthorities(authorities: readonly (SecretRef | undefined)[], image: string): TrustedAuthorities {
  const distinct = new Map(
    authorities.flatMap((ref) => (ref === undefined ? [] : [[`${ref.name}/${ref.key}`, ref] as const])),
  );
  const refs = [...distinct.values()];
  if (refs.length === 0) return { volumes: [], mounts: [], init: [] };
  const sources = refs.map(({ name, key }, index) => ({
    secret: { name, items: [{ key, path: `authority-${index + 1}.crt` }] },
  }));
  const given: k8s.Volume = { name: 'authorities', projected: { sources } };
  const givenMount: k8s.VolumeMount = { name: 'authorities', mountPath: GIVEN, readOnly: true };
  if (refs.length === 1) {
    return { file: `${GIVEN}/authority-1.crt`, volumes: [given], mounts: [givenMount], init: [] };
  }
  const joinedMount: k8s.VolumeMount = { name: 'joined-authorities', mountPath: JOINED };
  return {
    file: `${JOINED}/all.crt`,
    volumes: [given, { name: 'joined-authorities', emptyDir: {} }],
    mounts: [{ ...joinedMount, readOnly: true }],
    init: [
      {
        name: 'authorities',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-ec', `for file in ${GIVEN}/*.crt; do cat "$file"; echo; done > ${JOINED}/all.crt`],
        env: [env('HOME', '/tmp')],
        resources: resourceRequirements({
          cpu: { request: '10m', limit: '200m' },
          memory: { request: '16Mi', limit: '64Mi' },
        }),
        securityContext: containerSecurityContext(),
        volumeMounts: [givenMount, joinedMount],
      },
    ],
  };
}
