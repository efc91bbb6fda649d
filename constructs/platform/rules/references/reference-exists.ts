import type { Field } from '../field';
import type { PlatformFinding, PlatformRule } from '../rule';
import { type ObjectView, type PlatformView, type Workload, isWorkload } from '../view';

/** What every cluster has. */
const BUILT_IN_ROLE = /^(view|edit|admin|cluster-admin|system:.*)$/;

export const referenceExists: PlatformRule = {
  id: 'reference-exists',
  level: 'error',
  scope: 'platform',
  why: 'A name that leads to nothing is found out by the kubelet, minutes after everything looked applied.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/',
  fix: 'make the object in the same namespace, or pass the name from the construct that makes it',
  *check(platform) {
    for (const object of platform.objects) {
      if (isWorkload(object)) yield* ofWorkload(platform, object);
      if (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding') yield* ofBinding(platform, object);
      if (object.kind === 'Ingress') yield* ofIngress(platform, object);
      if (object.kind === 'HTTPRoute') yield* ofRoute(platform, object);
    }
  },
};

function* ofWorkload(platform: PlatformView, object: Workload): Generator<PlatformFinding> {
  const { spec, containers } = object.pod;
  const volumes = spec.at('volumes').items();
  const claims = object.spec
    .at('volumeClaimTemplates')
    .items()
    .map((claim) => claim.at('metadata', 'name').text);
  const mountable = new Set([...volumes.map((volume) => volume.at('name').text), ...claims]);
  for (const container of containers) {
    for (const mount of container.at('volumeMounts').items()) {
      const name = mount.at('name');
      if (!mountable.has(name.text))
        yield { object, field: name.path, message: `the Pod has no volume "${name.text ?? ''}"` };
    }
    for (const source of container.at('envFrom').items()) {
      yield* named(platform, object, 'ConfigMap', source.at('configMapRef', 'name'));
    }
    for (const variable of container.at('env').items()) {
      yield* keyed(platform, object, variable.at('valueFrom', 'configMapKeyRef'));
    }
  }
  for (const volume of volumes) {
    yield* named(platform, object, 'ConfigMap', volume.at('configMap', 'name'));
    yield* named(platform, object, 'PersistentVolumeClaim', volume.at('persistentVolumeClaim', 'claimName'));
    for (const source of volume.at('projected', 'sources').items()) {
      yield* named(platform, object, 'ConfigMap', source.at('configMap', 'name'));
    }
  }
  const account = spec.at('serviceAccountName');
  if (account.text !== 'default') yield* named(platform, object, 'ServiceAccount', account);
  const priority = spec.at('priorityClassName');
  if (priority.text?.startsWith('system-') !== true) yield* named(platform, object, 'PriorityClass', priority);
}

function* named(platform: PlatformView, object: ObjectView, kind: string, name: Field): Generator<PlatformFinding> {
  if (name.text === undefined || name.text === '') return;
  const namespace = kind === 'PriorityClass' ? undefined : object.namespace;
  if (platform.find(kind, namespace, name.text) === undefined) {
    yield { object, field: name.path, message: `the platform makes no ${kind} "${name.text}" here` };
  }
}

function* keyed(platform: PlatformView, object: ObjectView, ref: Field): Generator<PlatformFinding> {
  if (!ref.exists) return;
  const [name, key] = [ref.at('name'), ref.at('key')];
  yield* named(platform, object, 'ConfigMap', name);
  const map = platform.find('ConfigMap', object.namespace, name.text ?? '');
  if (map !== undefined && !map.root.at('data', key.text ?? '').exists) {
    yield { object, field: key.path, message: `the ConfigMap "${map.name}" has no key "${key.text ?? ''}"` };
  }
}

function* ofBinding(platform: PlatformView, object: ObjectView): Generator<PlatformFinding> {
  const role = object.root.at('roleRef', 'name');
  const kind = object.root.at('roleRef', 'kind').text ?? '';
  const namespace = kind === 'Role' ? object.namespace : undefined;
  const builtIn = kind === 'ClusterRole' && BUILT_IN_ROLE.test(role.text ?? '');
  if (!builtIn && platform.find(kind, namespace, role.text ?? '') === undefined) {
    yield { object, field: role.path, message: `the platform makes no ${kind} "${role.text ?? ''}" here` };
  }
  for (const subject of object.root.at('subjects').items()) {
    if (subject.at('kind').text !== 'ServiceAccount') continue;
    const [name, home] = [subject.at('name'), subject.at('namespace').text ?? object.namespace];
    if (!platform.namespaces.has(home ?? '')) continue;
    if (platform.find('ServiceAccount', home, name.text ?? '') === undefined) {
      yield {
        object,
        field: name.path,
        message: `the platform makes no ServiceAccount "${name.text ?? ''}" in ${home ?? ''}`,
      };
    }
  }
}

function* ofIngress(platform: PlatformView, object: ObjectView): Generator<PlatformFinding> {
  for (const rule of object.spec.at('rules').items()) {
    for (const path of rule.at('http', 'paths').items()) {
      const service = path.at('backend', 'service');
      const port = service.at('port', 'number').exists ? service.at('port', 'number') : service.at('port', 'name');
      yield* served(platform, object, object.namespace, service.at('name'), port);
    }
  }
}

function* ofRoute(platform: PlatformView, object: ObjectView): Generator<PlatformFinding> {
  for (const rule of object.spec.at('rules').items()) {
    for (const backend of rule.at('backendRefs').items()) {
      if ((backend.at('kind').text ?? 'Service') !== 'Service') continue;
      yield* served(
        platform,
        object,
        backend.at('namespace').text ?? object.namespace,
        backend.at('name'),
        backend.at('port'),
      );
    }
  }
}

function* served(
  platform: PlatformView,
  object: ObjectView,
  namespace: string | undefined,
  name: Field,
  port: Field,
): Generator<PlatformFinding> {
  const service = platform.find('Service', namespace, name.text ?? '');
  if (service === undefined) {
    yield {
      object,
      field: name.path,
      message: `the platform makes no Service "${name.text ?? ''}" in ${namespace ?? ''}`,
    };
  } else if (
    !service.spec
      .at('ports')
      .items()
      .some((open) => open.at('port').value === port.value || open.at('name').value === port.value)
  ) {
    yield { object, field: port.path, message: `the Service "${service.name}" has no port ${String(port.value)}` };
  }
}
