import { Connections, type Platform, PlatformNamespace } from '../../constructs';

/** Pods of another part of the platform, in a namespace of their own or of another. */
export function testConsumer(
  platform: Platform,
  consumerName: string,
  namespaceName = `demo-${consumerName}`,
): { readonly consumerName: string; readonly connections: Connections } {
  const id = `${namespaceName}-namespace`;
  const found = platform.node.tryFindChild(id);
  const namespace =
    found instanceof PlatformNamespace ? found : new PlatformNamespace(platform, id, { name: namespaceName });
  const podLabels = { 'app.kubernetes.io/name': consumerName, 'app.kubernetes.io/instance': consumerName };
  const connections = new Connections(platform, `${namespaceName}-${consumerName}`, {
    namespace,
    name: consumerName,
    podLabels,
  });
  return { consumerName, connections };
}
