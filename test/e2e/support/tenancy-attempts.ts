/** One thing that somebody tries, and what should come of it without and with the platform's policies. */
export interface Attempt {
  /** Id of the test in the list of tenancy tests. */
  readonly test: string;
  readonly what: string;
  /** @default 'alpha', administrator of user-alpha and member of projet-g1; 'editor' is a service account there with the ClusterRole `edit` */
  readonly as?: 'alpha' | 'editor' | 'onyxia' | 'admin';
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly without: Outcome;
  readonly with: Outcome;
}

/** `allowed`, or who refused: RBAC, a quota, Pod Security, Kubernetes' own validation, or a policy by its name. */
export type Outcome = string;

type Plain = Readonly<Record<string, unknown>>;

export const OWN = 'user-alpha';
const core = (resource: string, namespace = OWN) => `/api/v1/namespaces/${namespace}/${resource}`;
const named = (group: string, resource: string, namespace = OWN) =>
  `/apis/${group}/namespaces/${namespace}/${resource}`;

const metadata = (name: string, rest: Plain = {}) => ({ metadata: { name, ...rest } });

/** A Pod that `restricted` accepts, with changes. */
export function pod(name: string, spec: Plain = {}, container: Plain = {}, podMetadata: Plain = {}): Plain {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...metadata(name, podMetadata),
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      ...spec,
      containers: [
        {
          name: 'main',
          image: 'registry.example.org/notebook:1.0',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          ...container,
        },
      ],
    },
  };
}

function ingress(host: string | undefined, spec: Plain = {}, rest: Plain = {}): Plain {
  const backend = { service: { name: 'notebook', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    ...metadata('notebook', rest),
    spec: {
      ingressClassName: 'people',
      rules: [
        { ...(host === undefined ? {} : { host }), http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
      ],
      ...spec,
    },
  };
}

function route(hostnames: readonly string[], parent: Plain = { name: 'people', namespace: 'gateways' }): Plain {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    ...metadata('notebook'),
    spec: { hostnames, parentRefs: [parent], rules: [{ backendRefs: [{ name: 'notebook', port: 80 }] }] },
  };
}

function service(spec: Plain): Plain {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    ...metadata('notebook'),
    spec: { selector: { app: 'notebook' }, ports: [{ port: 80 }], ...spec },
  };
}

function claim(spec: Plain, size = '1Gi'): Plain {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...metadata('data'),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
  };
}

function networkPolicy(name: string, spec: Plain, rest: Plain = {}): Plain {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    ...metadata(name, rest),
    spec: { podSelector: {}, ...spec },
  };
}

function binding(name: string, role: Plain, subject: Plain): Plain {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    ...metadata(name),
    roleRef: { apiGroup, ...role },
    subjects: [{ apiGroup, ...subject }],
  };
}

const namespace = (name: string, labels: Plain) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  ...metadata(name, { labels }),
});

const MANAGED = { 'app.kubernetes.io/managed-by': 'bouture' };
const RBAC = 'rbac.authorization.k8s.io/v1';
const NETWORK = 'networking.k8s.io/v1';
const GATEWAY = 'gateway.networking.k8s.io/v1';
const WHOLE_LABELS = { 'bouture.dev/space': 'people', 'pod-security.kubernetes.io/enforce': 'baseline' };
const open = [{}];

/** T03, T10, T19: what the ClusterRole `admin` refuses by itself. */
const NATIVE: readonly Attempt[] = [
  ...['POST', 'DELETE'].flatMap((method) =>
    ['resourcequotas', 'limitranges'].map((resource) => ({
      test: 'T03',
      what: `${method === 'POST' ? 'makes' : 'removes all'} ${resource}`,
      method: method as 'POST' | 'DELETE',
      path: core(resource),
      ...(method === 'DELETE'
        ? {}
        : {
            body: {
              apiVersion: 'v1',
              kind: resource === 'limitranges' ? 'LimitRange' : 'ResourceQuota',
              ...metadata('mine'),
              spec: { limits: [] },
            },
          }),
      without: 'RBAC',
      with: 'RBAC',
    })),
  ),
  {
    test: 'T10',
    what: 'takes Pod Security from the own namespace',
    method: 'PATCH',
    path: `/api/v1/namespaces/${OWN}`,
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    without: 'RBAC',
    with: 'RBAC',
  },
  {
    test: 'T10',
    what: 'writes the status of the own namespace',
    method: 'PATCH',
    path: `/api/v1/namespaces/${OWN}/status`,
    body: { metadata: { labels: { onyxia_owner: 'beta' } } },
    without: 'RBAC',
    with: 'RBAC',
  },
  {
    test: 'T10',
    what: 'finalizes the own namespace',
    method: 'PUT',
    path: `/api/v1/namespaces/${OWN}/finalize`,
    body: namespace(OWN, {}),
    without: 'RBAC',
    with: 'RBAC',
  },
  ...(
    [
      [
        'asks a token of a platform account',
        core('serviceaccounts/default/token', 'kube-system'),
        { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: {} },
      ],
      [
        'evicts a Pod of a neighbour',
        core('pods/any/eviction', 'user-beta'),
        { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'any' } },
      ],
      [
        'reviews a token',
        '/apis/authentication.k8s.io/v1/tokenreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'x' } },
      ],
      [
        'asks for a certificate',
        '/apis/certificates.k8s.io/v1/certificatesigningrequests',
        {
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          ...metadata('mine'),
          spec: { request: 'eA==', signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
        },
      ],
      ['goes through a node', '/api/v1/nodes/any/proxy/run', {}],
    ] as const
  ).map(([what, path, body]) => ({
    test: 'T19',
    what,
    method: 'POST' as const,
    path,
    body,
    without: 'RBAC',
    with: 'RBAC',
  })),
];

/** T04: the guards of the own space. */
const GUARDS: readonly Attempt[] = [
  {
    test: 'T04',
    what: 'removes the default-deny NetworkPolicy',
    method: 'DELETE',
    path: named(NETWORK, 'networkpolicies/default-deny'),
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'removes all NetworkPolicies at once',
    method: 'DELETE',
    path: named(NETWORK, 'networkpolicies'),
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'opens the default-deny NetworkPolicy',
    method: 'PATCH',
    path: named(NETWORK, 'networkpolicies/default-deny'),
    body: { spec: { ingress: open } },
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'takes the label from the default-deny NetworkPolicy',
    method: 'PATCH',
    path: named(NETWORK, 'networkpolicies/default-deny'),
    body: { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } },
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'makes an object that looks like the platform’s',
    method: 'POST',
    path: core('configmaps'),
    body: { apiVersion: 'v1', kind: 'ConfigMap', ...metadata('forged', { labels: MANAGED }) },
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'removes the RoleBinding full_control_namespace',
    method: 'DELETE',
    path: named(RBAC, 'rolebindings/full_control_namespace'),
    without: 'allowed',
    with: 'managed-objects',
  },
  {
    test: 'T04',
    what: 'adds a NetworkPolicy that opens every way out',
    method: 'POST',
    path: named(NETWORK, 'networkpolicies'),
    body: networkPolicy('open', { policyTypes: ['Egress'], egress: open }),
    without: 'allowed',
    with: 'network-egress',
  },
  {
    test: 'T04',
    what: 'adds a NetworkPolicy that leads to a neighbour',
    method: 'POST',
    path: named(NETWORK, 'networkpolicies'),
    body: networkPolicy('beta', { policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] }),
    without: 'allowed',
    with: 'network-egress',
  },
];

/** T05: what must stay possible. */
const OWN_WORK: readonly Attempt[] = (
  [
    [
      'a NetworkPolicy for callers',
      named(NETWORK, 'networkpolicies'),
      networkPolicy('callers', { ingress: [{ from: [{ podSelector: {} }] }] }),
    ],
    [
      'a NetworkPolicy within the space',
      named(NETWORK, 'networkpolicies'),
      networkPolicy('within', { policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] }),
    ],
    [
      'a Role',
      named(RBAC, 'roles'),
      {
        apiVersion: RBAC,
        kind: 'Role',
        ...metadata('reader'),
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
    ],
    [
      'a RoleBinding for a colleague',
      named(RBAC, 'rolebindings'),
      binding('colleague', { kind: 'ClusterRole', name: 'view' }, { kind: 'User', name: 'oidc:beta' }),
    ],
    ['a volume', core('persistentvolumeclaims'), claim({})],
    ['a Pod', core('pods'), pod('notebook')],
    [
      'a Deployment',
      named('apps/v1', 'deployments'),
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        ...metadata('notebook'),
        spec: {
          selector: { matchLabels: { app: 'n' } },
          template: { metadata: { labels: { app: 'n' } }, spec: pod('x')['spec'] },
        },
      },
    ],
    ['a Service', core('services'), service({})],
    ['a headless Service', core('services'), service({ clusterIP: 'None' })],
    [
      'an Ingress as Onyxia’s charts make it',
      named(NETWORK, 'ingresses'),
      ingress(
        'user-alpha-123456-0.lab.example.org',
        { tls: [{ hosts: ['user-alpha-123456-0.lab.example.org'] }] },
        { annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '0' } },
      ),
    ],
    ['an Ingress with a name of one’s own', named(NETWORK, 'ingresses'), ingress('user-alpha--my-app.lab.example.org')],
    ['an HTTPRoute', named(GATEWAY, 'httproutes'), route(['user-alpha-123456-user.lab.example.org'])],
  ] as const
).map(([what, path, body]) => ({
  test: 'T05',
  what: `makes ${what}`,
  method: 'POST' as const,
  path,
  body,
  without: 'allowed',
  with: 'allowed',
}));

/** T06: more rights than one has. */
const ESCALATION: readonly Attempt[] = [
  {
    test: 'T06',
    what: 'makes a Role with rights that alpha lacks',
    method: 'POST',
    path: named(RBAC, 'roles'),
    body: {
      apiVersion: RBAC,
      kind: 'Role',
      ...metadata('more'),
      rules: [{ apiGroups: [''], resources: ['resourcequotas'], verbs: ['delete'] }],
    },
    without: 'RBAC',
    with: 'RBAC',
  },
  ...['cluster-admin', 'system:kube-scheduler'].map((name) => ({
    test: 'T06',
    what: `binds the ClusterRole ${name}`,
    method: 'POST' as const,
    path: named(RBAC, 'rolebindings'),
    body: binding('more', { kind: 'ClusterRole', name }, { kind: 'User', name: 'oidc:alpha' }),
    without: 'RBAC',
    with: 'RBAC',
  })),
];

/** T07: names, by what Onyxia's account does when it is told to. */
const NAMES: readonly Attempt[] = [
  {
    test: 'T07',
    what: 'makes kube-system the space of a user of that name (empty prefix)',
    as: 'onyxia',
    method: 'PATCH',
    path: '/api/v1/namespaces/kube-system',
    body: { metadata: { labels: { onyxia_owner: 'kube-system' } } },
    without: 'allowed',
    with: 'space-names',
  },
  {
    test: 'T07',
    what: 'binds that user as administrator of kube-system',
    as: 'onyxia',
    method: 'POST',
    path: named(RBAC, 'rolebindings', 'kube-system'),
    body: binding(
      'full_control_namespace',
      { kind: 'ClusterRole', name: 'admin' },
      { kind: 'User', name: 'oidc:kube-system' },
    ),
    without: 'allowed',
    with: 'space-members',
  },
  {
    test: 'T07',
    what: 'gives user-beta another owner',
    as: 'onyxia',
    method: 'PATCH',
    path: '/api/v1/namespaces/user-beta',
    body: { metadata: { labels: { onyxia_owner: 'alpha' } } },
    without: 'allowed',
    with: 'space-names',
  },
  {
    test: 'T07',
    what: 'takes the owner from user-beta',
    as: 'onyxia',
    method: 'PATCH',
    path: '/api/v1/namespaces/user-beta',
    body: { metadata: { labels: { onyxia_owner: null } } },
    without: 'allowed',
    with: 'space-names',
  },
  {
    test: 'T07',
    what: 'binds alpha in user-beta',
    as: 'onyxia',
    method: 'PATCH',
    path: named(RBAC, 'rolebindings/full_control_namespace', 'user-beta'),
    body: { subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'oidc:alpha' }] },
    without: 'allowed',
    with: 'space-members',
  },
  {
    test: 'T07',
    what: 'binds the user g1 instead of the group in projet-g1',
    as: 'onyxia',
    method: 'POST',
    path: named(RBAC, 'rolebindings', 'projet-g1'),
    body: binding('full_control_namespace', { kind: 'ClusterRole', name: 'admin' }, { kind: 'User', name: 'oidc:g1' }),
    without: 'allowed',
    with: 'space-members',
  },
  ...(
    [
      ['kube-system', 'user-kube-system', 'allowed', 'space-names'],
      ['a--b', 'user-a--b', 'allowed', 'space-names'],
      ['Beta', 'user-Beta', 'invalid', 'invalid'],
      ['alpha.b', 'user-alpha.b', 'invalid', 'invalid'],
      ['alpha_b', 'user-alpha_b', 'invalid', 'invalid'],
      ['..', 'user-..', 'invalid', 'invalid'],
      ['élise', 'user-élise', 'invalid', 'invalid'],
      ['', 'user-', 'invalid', 'invalid'],
      ['a'.repeat(64), `user-${'a'.repeat(64)}`, 'invalid', 'invalid'],
      ['onyxia', 'projet-onyxia', 'allowed', 'space-names'],
    ] as const
  ).map(([owner, name, without, now]) => ({
    test: 'T07',
    what: `makes the space of a ${name.startsWith('user-') ? 'user' : 'group'} "${owner.length > 20 ? '64 letters' : owner}"`,
    as: 'onyxia' as const,
    method: 'POST' as const,
    path: '/api/v1/namespaces',
    body: namespace(name, {
      ...WHOLE_LABELS,
      ...(/^[a-z-]+$/.test(owner) && owner.length < 64 ? { onyxia_owner: owner } : {}),
    }),
    without,
    with: now,
  })),
  {
    test: 'T07',
    what: 'makes a space without the labels of its guards',
    as: 'onyxia',
    method: 'POST',
    path: '/api/v1/namespaces',
    body: namespace('user-gamma', { onyxia_owner: 'gamma' }),
    without: 'allowed',
    with: 'space-names',
  },
  {
    test: 'T07',
    what: 'makes the space of a user "gamma"',
    as: 'onyxia',
    method: 'POST',
    path: '/api/v1/namespaces',
    body: namespace('user-gamma', { ...WHOLE_LABELS, onyxia_owner: 'gamma' }),
    without: 'allowed',
    with: 'allowed',
  },
  {
    test: 'T07',
    what: 'logs alpha in again',
    as: 'onyxia',
    method: 'PATCH',
    path: '/api/v1/namespaces/user-alpha',
    body: {
      metadata: {
        labels: { ...WHOLE_LABELS, onyxia_owner: 'alpha' },
        annotations: { onyxia_last_login_timestamp: '1' },
      },
    },
    without: 'allowed',
    with: 'allowed',
  },
  {
    test: 'T07',
    what: 'writes the quota onyxia-quota',
    as: 'onyxia',
    method: 'POST',
    path: core('resourcequotas'),
    body: {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      ...metadata('onyxia-quota'),
      spec: { hard: { 'count/pods': '50' } },
    },
    without: 'allowed',
    with: 'allowed',
  },
  {
    test: 'T07',
    what: 'writes over the platform’s quota',
    as: 'onyxia',
    method: 'PUT',
    path: core('resourcequotas/platform'),
    body: { apiVersion: 'v1', kind: 'ResourceQuota', ...metadata('platform'), spec: { hard: {} } },
    without: 'absent',
    with: 'managed-objects',
  },
];

const container = (securityContext: Plain) => ({ securityContext });
const EVERY_PATH = {
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, procMount: 'Unmasked' },
};

/** Pods that break `baseline`, one field at a time. */
export const BREAKS_BASELINE: Readonly<Record<string, Plain>> = {
  hostNetwork: pod('p', { hostNetwork: true }),
  hostPID: pod('p', { hostPID: true }),
  hostIPC: pod('p', { hostIPC: true }),
  privileged: pod('p', {}, container({ privileged: true })),
  capabilities: pod('p', {}, container({ capabilities: { add: ['SYS_ADMIN'] } })),
  hostPath: pod('p', { volumes: [{ name: 'host', hostPath: { path: '/' } }] }),
  hostPort: pod('p', {}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
  appArmor: pod('p', {}, container({ appArmorProfile: { type: 'Unconfined' } })),
  seLinux: pod('p', {}, container({ seLinuxOptions: { type: 'spc_t' } })),
  procMount: pod('p', { hostUsers: false }, EVERY_PATH),
  seccomp: pod('p', { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  sysctls: pod('p', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
};

/** Pods that break `restricted` and not `baseline`. */
export const BREAKS_RESTRICTED: Readonly<Record<string, Plain>> = {
  volumeType: pod('p', { volumes: [{ name: 'nfs', nfs: { server: 'nfs.example.org', path: '/' } }] }),
  privilegeEscalation: pod('p', {}, container({ capabilities: { drop: ['ALL'] } })),
  runAsNonRoot: pod('p', { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }),
  runAsUser0: pod('p', {
    securityContext: { runAsUser: 0, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  }),
  noSeccomp: pod('p', { securityContext: { runAsNonRoot: true, runAsUser: 1000 } }),
  keptCapabilities: pod('p', {}, container({ allowPrivilegeEscalation: false })),
};

const SECURITY: readonly Attempt[] = Object.entries(BREAKS_BASELINE).map(([field, body]) => ({
  test: 'T08',
  what: `starts a Pod that breaks baseline: ${field}`,
  method: 'POST',
  path: core('pods'),
  body,
  without: 'allowed',
  with: 'Pod Security',
}));

const EXPOSURE: readonly Attempt[] = [
  ...(
    [
      ['NodePort', { type: 'NodePort' }, 'services'],
      ['LoadBalancer', { type: 'LoadBalancer' }, 'services'],
      ['ExternalName', { type: 'ExternalName', externalName: 'keycloak.example.org' }, 'services'],
      ['externalIPs', { externalIPs: ['192.0.2.1'] }, 'services'],
      ['loadBalancerIP', { type: 'LoadBalancer', loadBalancerIP: '192.0.2.1' }, 'services'],
    ] as const
  ).map(([what, spec, policy]) => ({
    test: 'T11',
    what: `makes a Service with ${what}`,
    method: 'POST' as const,
    path: core('services'),
    body: service(spec),
    without: 'allowed',
    with: policy,
  })),
  ...(
    [
      ['a host of beta', ingress('user-beta-123456-0.lab.example.org')],
      ['a host of alpha-b', ingress('user-alpha-b-123456-0.lab.example.org')],
      ['a free host of alpha-b', ingress('user-alpha-b--app.lab.example.org')],
      ['the host of Keycloak', ingress('keycloak.lab.example.org')],
      ['a host of another domain', ingress('user-alpha-123456-0.example.org')],
      ['a host that only begins well', ingress('user-alpha-123456-0.lab.example.org.evil.org')],
      ['a wildcard host', ingress('*.lab.example.org')],
      ['no host', ingress(undefined)],
      [
        'no rule but a default backend',
        ingress('x', { rules: null, defaultBackend: { service: { name: 'n', port: { number: 80 } } } }),
      ],
      ['a foreign class', ingress('user-alpha-1-0.lab.example.org', { ingressClassName: 'platform' })],
      [
        'a class by annotation',
        ingress('user-alpha-1-0.lab.example.org', {}, { annotations: { 'kubernetes.io/ingress.class': 'platform' } }),
      ],
      [
        'a snippet',
        ingress(
          'user-alpha-1-0.lab.example.org',
          {},
          { annotations: { 'nginx.ingress.kubernetes.io/server-snippet': 'x' } },
        ),
      ],
      [
        'a further host by annotation',
        ingress(
          'user-alpha-1-0.lab.example.org',
          {},
          { annotations: { 'nginx.ingress.kubernetes.io/server-alias': 'keycloak.lab.example.org' } },
        ),
      ],
      [
        'a TLS host of beta',
        ingress('user-alpha-1-0.lab.example.org', { tls: [{ hosts: ['user-beta-1-0.lab.example.org'] }] }),
      ],
      [
        'a certificate of its own',
        ingress('user-alpha-1-0.lab.example.org', {
          tls: [{ hosts: ['user-alpha-1-0.lab.example.org'], secretName: 'mine' }],
        }),
      ],
    ] as const
  ).map(([what, body]) => ({
    test: 'T12',
    what: `makes an Ingress with ${what}`,
    method: 'POST' as const,
    path: named(NETWORK, 'ingresses'),
    body,
    // Kubernetes itself wants one of the two ways to name the class
    without: what === 'a class by annotation' ? 'invalid' : 'allowed',
    with: what === 'a class by annotation' ? 'invalid' : 'ingresses',
  })),
  ...(
    [
      ['a host of beta', route(['user-beta-123456-0.lab.example.org'])],
      ['a wildcard host', route(['*.lab.example.org'])],
      ['no host', route([])],
      [
        'the Gateway of the platform',
        route(['user-alpha-1-0.lab.example.org'], { name: 'platform', namespace: 'gateways' }),
      ],
    ] as const
  ).map(([what, body]) => ({
    test: 'T12',
    what: `makes an HTTPRoute with ${what}`,
    method: 'POST' as const,
    path: named(GATEWAY, 'httproutes'),
    body,
    without: 'allowed',
    with: 'routes',
  })),
];

const PRIVATE = 'registry.example.org/private/model:1.0';

/** T14: what a node has pulled for others. */
const IMAGES: readonly Attempt[] = (
  [
    ['an image of a private registry that the node may have', pod('copied', {}, { image: PRIVATE }), 'private-images'],
    [
      'it and never asks the registry',
      pod('copied', {}, { image: PRIVATE, imagePullPolicy: 'Never' }),
      'private-images',
    ],
    [
      'it in an init container',
      pod('copied', { initContainers: [{ name: 'first', image: PRIVATE }] }),
      'private-images',
    ],
    ['it and always asks the registry', pod('copied', {}, { image: PRIVATE, imagePullPolicy: 'Always' }), 'allowed'],
    ['an image of another registry that the node may have', pod('copied'), 'allowed'],
  ] as const
).map(([what, body, outcome]) => ({
  test: 'T14',
  what: `starts a Pod with ${what}`,
  method: 'POST',
  path: core('pods'),
  body,
  without: 'allowed',
  with: outcome,
}));

const STORAGE: readonly Attempt[] = (
  [
    ['names a volume', { volumeName: 'released' }],
    ['selects volumes by label', { selector: { matchLabels: { owner: 'beta' } } }],
    ['wants a volume without a class', { storageClassName: '' }],
  ] as const
).map(([what, spec]) => ({
  test: 'T15',
  what: `makes a claim that ${what}`,
  method: 'POST',
  path: core('persistentvolumeclaims'),
  body: claim(spec),
  without: 'allowed',
  with: 'volumes',
}));

const VOLUME: Attempt = {
  test: 'T15',
  what: 'makes a volume of a node’s folder',
  method: 'POST',
  path: '/api/v1/persistentvolumes',
  body: {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    ...metadata('mine'),
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
  },
  without: 'RBAC',
  with: 'RBAC',
};

const DEVICES = 'resource.k8s.io/v1';
const SCHEDULING: readonly Attempt[] = [
  ...(
    [
      ['the priority system-node-critical', { priorityClassName: 'system-node-critical' }],
      ['a high priority of the cluster', { priorityClassName: 'urgent' }],
      ['a node by name', { nodeName: 'node-1' }],
      [
        'the taint of control planes',
        { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
      ],
      ['the taint of GPUs that are not for people', { tolerations: [{ key: 'amd.com/gpu', operator: 'Exists' }] }],
      ['every taint', { tolerations: [{ operator: 'Exists' }] }],
      ['a RuntimeClass', { runtimeClassName: 'kata' }],
    ] as const
  ).map(([what, spec]) => ({
    test: 'T20',
    what: `starts a Pod with ${what}`,
    method: 'POST' as const,
    path: core('pods'),
    body: pod('placed', spec),
    without: 'allowed',
    with: 'pods',
  })),
  {
    test: 'T20',
    what: 'starts a Pod with the taint of people’s GPUs',
    method: 'POST',
    path: core('pods'),
    body: pod('placed', { tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] }),
    without: 'allowed',
    with: 'allowed',
  },
  {
    test: 'T20',
    what: 'claims a device as its administrator',
    method: 'POST',
    path: named(DEVICES, 'resourceclaims'),
    body: {
      apiVersion: DEVICES,
      kind: 'ResourceClaim',
      ...metadata('gpu'),
      spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu', adminAccess: true } }] } },
    },
    // Kubernetes wants a label of the namespace for it, which this one has
    without: 'allowed',
    with: 'devices',
  },
  {
    test: 'T20',
    what: 'starts a Pod from a registry that is not known',
    method: 'POST',
    path: core('pods'),
    body: pod('placed', {}, { image: 'docker.io/library/busybox:1' }),
    without: 'allowed',
    with: 'registries',
  },
];

/** Everything that is tried dry: it goes through all of admission and is not kept. */
export const ATTEMPTS: readonly Attempt[] = [
  ...NATIVE.filter(({ test }) => test === 'T03'),
  ...GUARDS,
  ...OWN_WORK,
  ...ESCALATION,
  ...NAMES,
  ...SECURITY,
  ...NATIVE.filter(({ test }) => test === 'T10'),
  ...EXPOSURE,
  ...IMAGES,
  ...STORAGE,
  VOLUME,
  ...NATIVE.filter(({ test }) => test === 'T19'),
  ...SCHEDULING,
];
