/** What a Pod needs to reach nodes with GPUs. */
export const TAINT = { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' } as const;

interface GpuPod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly command: readonly string[];
      readonly resources: object;
      readonly securityContext: object;
    }[];
    readonly [field: string]: unknown;
  };
}

/**
 * A Pod that does nothing, as Pod Security `restricted` wants it.
 *
 * @param gpus that it asks for; with 0 it names no such resource
 * @param spec further fields of the Pod
 * @param limits further limits of its container
 */
export function gpuPod(
  name: string,
  gpus: number,
  spec: object = {},
  limits: object = {},
  image = 'localhost:5001/bouture/toolbox:1',
): GpuPod {
  const asked = gpus === 0 ? {} : { 'nvidia.com/gpu': String(gpus) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image,
          command: ['sleep', 'infinity'],
          resources: { limits: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi', ...asked, ...limits } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      ...spec,
    },
  };
}
