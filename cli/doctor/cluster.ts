import { Field } from '../../constructs/platform/rules';
import { ApiError, type ClusterApi } from './api';
import type { NeededKind } from './needs';
import { fail, ok, type Result, warn } from './result';

/** The Kubernetes minors, after the 1, that manifests are validated against. */
export const TESTED_MINORS = { oldest: 30, newest: 37 } as const;

/** What a deployment does with an object. */
const VERBS = ['get', 'create', 'patch', 'delete'];

/** What any platform is made of: looked at where no configuration tells more. */
export const USUAL_KINDS: readonly NeededKind[] = [
  { apiVersion: 'v1', kind: 'Namespace', namespaces: [] },
  { apiVersion: 'v1', kind: 'Secret', namespaces: [''] },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', namespaces: [''] },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespaces: [''] },
];

/** Where to get the kinds that a cluster may lack, by API group. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'cert-manager.io':
    'install cert-manager (https://cert-manager.io/docs/installation/), or give exposure.tls a Secret instead',
  'gateway.networking.k8s.io':
    'install the Gateway API and a controller for it (https://gateway-api.sigs.k8s.io/guides/), or use an Ingress',
};

/** Programs that are known to enforce NetworkPolicies, by what their Pods are called. */
const ENFORCERS =
  /calico|cilium|antrea|kube-router|weave-net|kube-network-polic|ovn|romana|azure-npm|aws-node|gke|anetd/;

/** Whether the API server answers, in a version that the manifests are for. */
export async function checkVersion(api: ClusterApi): Promise<Result> {
  const title = 'Kubernetes version';
  const version = new Field(await api.get('/version'));
  const text = version.at('gitVersion').text ?? 'unknown';
  const minor = Number.parseInt(version.at('minor').text ?? '', 10);
  const { oldest, newest } = TESTED_MINORS;
  if (!(minor >= oldest)) return fail(title, `${text} is too old`, `upgrade the cluster to 1.${oldest} or later`);
  if (minor > newest)
    return warn(title, `${text} is newer than what was tested`, `the manifests are validated up to 1.${newest}`);
  return ok(title, text);
}

/** Whether the cluster knows each kind, and lets this user make it where the platform does. */
export async function checkKinds(api: ClusterApi, kinds: readonly NeededKind[]): Promise<readonly Result[]> {
  const resources = await Promise.all(kinds.map((kind) => resourceOf(api, kind)));
  const missing = kinds.filter((_, index) => resources[index] === undefined);
  const groups = new Map<string, string[]>();
  for (const { apiVersion, kind } of missing) groups.set(apiVersion, [...(groups.get(apiVersion) ?? []), kind]);
  const unknown = [...groups].map(([apiVersion, names]) =>
    fail(
      `API ${apiVersion}`,
      `the cluster has no ${names.join(', ')}`,
      PROVIDERS[groupOf(apiVersion)] ?? `install what provides ${apiVersion}`,
    ),
  );
  const known = kinds.flatMap((kind, index) => {
    const resource = resources[index];
    return resource === undefined ? [] : [{ kind, resource }];
  });
  return [...unknown, await checkPermissions(api, known)];
}

async function checkPermissions(
  api: ClusterApi,
  kinds: readonly { readonly kind: NeededKind; readonly resource: string }[],
): Promise<Result> {
  const title = 'permissions';
  const reviews = kinds.flatMap(({ kind, resource }) =>
    (kind.namespaces.length === 0 ? [''] : kind.namespaces).flatMap((namespace) =>
      VERBS.map((verb) => ({ verb, resource, group: groupOf(kind.apiVersion), namespace })),
    ),
  );
  const answers = await Promise.all(reviews.map((attributes) => isAllowed(api, attributes)));
  const denied = reviews.filter((_, index) => answers[index] === false);
  if (denied.length === 0) return ok(title, `this user may read, make, change and delete all ${kinds.length} kinds`);
  const first = denied
    .slice(0, 3)
    .map(({ verb, resource, namespace }) => `${verb} ${resource}${namespace === '' ? '' : ` in ${namespace}`}`);
  const more = denied.length > first.length ? ` and ${denied.length - first.length} more` : '';
  return fail(
    title,
    `this user may not ${first.join(', ')}${more}`,
    'ask the administrators of the cluster for these rights',
  );
}

async function isAllowed(api: ClusterApi, resourceAttributes: object): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review);
  return new Field(answer).at('status', 'allowed').value === true;
}

/** The resource of a kind, `networkpolicies`. @default - undefined when the cluster has no such kind */
async function resourceOf(api: ClusterApi, { apiVersion, kind }: NeededKind): Promise<string | undefined> {
  const group = await api.get(apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
  return new Field(group)
    .at('resources')
    .items()
    .filter((resource) => resource.at('kind').text === kind)
    .flatMap((resource) => resource.at('name').text ?? [])
    .find((name) => !name.includes('/'));
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : '';
}

/** Whether names are resolved by the Pods that the NetworkPolicies open a way to. */
export async function checkDns(
  api: ClusterApi,
  dns: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> },
): Promise<Result> {
  const title = 'DNS';
  const selector = Object.entries(dns.podLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = await readable(
    api,
    `/api/v1/namespaces/${dns.namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  if (pods === undefined)
    return warn(title, `this user may not see Pods in ${dns.namespace}`, 'make sure that the DNS runs there');
  const running = pods.filter(isReady);
  if (running.length > 0) return ok(title, `${running.length} ready Pods labelled ${selector} in ${dns.namespace}`);
  return fail(
    title,
    `no ready Pod labelled ${selector} in ${dns.namespace}`,
    'start the DNS of the cluster; where it stands elsewhere, give cluster.dns in the configuration: NetworkPolicies open the way to it alone',
  );
}

/** Whether something is known to enforce NetworkPolicies: without it they are words. */
export async function checkPolicyEngine(api: ClusterApi): Promise<Result> {
  const title = 'NetworkPolicy engine';
  const remedy =
    'install a network that enforces NetworkPolicies (Calico, Cilium, Antrea, kube-network-policies), or show that yours does';
  const pods = await readable(api, '/api/v1/namespaces/kube-system/pods');
  const daemons = await readable(api, '/apis/apps/v1/daemonsets');
  if (pods === undefined && daemons === undefined) return warn(title, 'this user may not look for one', remedy);
  const names = [...(pods ?? []), ...(daemons ?? [])].flatMap((object) => object.at('metadata', 'name').text ?? []);
  const found = names.find((name) => ENFORCERS.test(name));
  return found === undefined ? warn(title, 'none that is known here', remedy) : ok(title, found);
}

/** The objects of a list. @default - undefined when this user may not read it */
export async function readable(api: ClusterApi, path: string): Promise<readonly Field[] | undefined> {
  const list = await readableObject(api, path);
  return list === 'denied' ? undefined : new Field(list).at('items').items();
}

/** What stands at a path: undefined when nothing does, `denied` when this user may not read it. */
export async function readableObject(api: ClusterApi, path: string): Promise<unknown> {
  try {
    return await api.get(path);
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return 'denied';
    throw error;
  }
}

function isReady(pod: Field): boolean {
  return pod
    .at('status', 'conditions')
    .items()
    .some((condition) => condition.at('type').text === 'Ready' && condition.at('status').text === 'True');
}
