import type { CustomResourceOptions, Input } from '@pulumi/pulumi';
import { Provider } from '@pulumi/kubernetes/provider';

/** Requests that the provider may send in a second, and at once. Its own default, 50, would hold back every large platform. */
const CLIENT = { qps: 500, burst: 1000 };

/** A provider that changes objects as the platform needs it. @param kubeconfig empty for that of the environment */
export function kubernetesProvider(
  name: string,
  target: { readonly kubeconfig: Input<string>; readonly context?: string },
  options: CustomResourceOptions = {},
): Provider {
  return new Provider(
    name,
    {
      ...target,
      kubeClientSettings: CLIENT,
      // Changed in place: by default a changed Secret or ConfigMap would be deleted and made again.
      enableSecretMutable: true,
      enableConfigMapMutable: true,
    },
    options,
  );
}
