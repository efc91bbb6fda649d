import type { JsonValue } from './schema-definition';

/** Version of Onyxia's web interface whose context this file describes; `constructs/onyxia/onyxia-version.ts` pins the same. */
export const CONTEXT_VERSION = '5.5.1';

const LEAF = 'leaf';
/** What the person's provider or the office decides, so any path below is possible. */
const OPEN = 'open';

/** What Onyxia's web interface knows when somebody launches a service, and can put into values. A closed tree. */
const CONTEXT = {
  user: {
    idep: LEAF,
    name: LEAF,
    email: LEAF,
    password: LEAF,
    ip: LEAF,
    darkMode: LEAF,
    lang: LEAF,
    decodedIdToken: OPEN,
    accessToken: LEAF,
    refreshToken: LEAF,
    profile: OPEN,
  },
  service: { oneTimePassword: LEAF },
  project: { id: LEAF, password: LEAF, basic: LEAF },
  git: { name: LEAF, email: LEAF, credentials_cache_duration: LEAF, token: LEAF },
  vault: { VAULT_ADDR: LEAF, VAULT_TOKEN: LEAF, VAULT_MOUNT: LEAF, VAULT_TOP_DIR: LEAF },
  s3: {
    profileName: LEAF,
    AWS_ACCESS_KEY_ID: LEAF,
    AWS_SECRET_ACCESS_KEY: LEAF,
    AWS_SESSION_TOKEN: LEAF,
    AWS_DEFAULT_REGION: LEAF,
    AWS_S3_ENDPOINT: LEAF,
    port: LEAF,
    pathStyleAccess: LEAF,
    isAnonymous: LEAF,
  },
  s3_array: OPEN,
  region: { allowedURIPattern: LEAF },
  k8s: {
    domain: LEAF,
    ingressClassName: LEAF,
    ingress: LEAF,
    route: LEAF,
    istio: { enabled: LEAF, gateways: LEAF },
    randomSubdomain: LEAF,
    useCertManager: LEAF,
    certManagerClusterIssuer: LEAF,
  },
  proxyInjection: { httpProxyUrl: LEAF, httpsProxyUrl: LEAF, noProxy: LEAF },
  packageRepositoryInjection: { cranProxyUrl: LEAF, condaProxyUrl: LEAF, packageManagerUrl: LEAF, pypiProxyUrl: LEAF },
  certificateAuthorityInjection: { cacerts: LEAF, pathToCaBundle: LEAF },
} as const;

type PathsOf<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends typeof LEAF
    ? `${P}${K}`
    : T[K] extends typeof OPEN
      ? `${P}${K}` | `${P}${K}.${string}` | `${P}${K}[${number}].${string}`
      : PathsOf<T[K], `${P}${K}.`>;
}[keyof T & string];

type ContextOf<T> = {
  readonly [K in keyof T]?: T[K] extends typeof LEAF | typeof OPEN ? JsonValue : ContextOf<T[K]>;
};

/** What Onyxia's web interface knows when somebody launches a service: of the person, the project, the region. */
export type OnyxiaContext = ContextOf<typeof CONTEXT>;

/** A path that Onyxia's context has, such as `user.idep`. Any other does not compile. */
export type ContextPath = PathsOf<typeof CONTEXT>;

/** Paths that charts still name and Onyxia no longer has, or never fills: it then falls back to the default without a word. */
const STALE: readonly (readonly [string, string])[] = [
  [
    's3.AWS_BUCKET_NAME',
    'Onyxia knows several buckets now: name the bucket in a value of the chart, or use {{project.id}}',
  ],
  [
    's3.workingDirectoryPath',
    'removed with version 5: the bucket of a space is {{project.id}} unless the office decided otherwise',
  ],
  ['s3.objectNamePrefix', 'removed with version 5: the bucket is the person’s own'],
  ['s3.isEnabled', 'removed with version 5: test s3.AWS_S3_ENDPOINT for being empty'],
  ['git.project', 'removed: ask for the repository in a value of the chart'],
  ['k8s.initScriptUrl', 'always empty: use instanceSchema "ide/init.json", where the office gives regionInit'],
  ['k8s.initScriptCheckSum', 'always empty: use instanceSchema "ide/init.json", where the office gives regionInit'],
  ['region.resources', 'the API drops it: use instanceSchema "ide/resources.json"'],
  ['region.sliders', 'the API drops it: use instanceSchema "ide/resources.json"'],
  ['region.nodeSelector', 'the API drops it: use instanceSchema "nodeSelector.json"'],
  ['region.tolerations', 'the API drops it: use instanceSchema "tolerations.json"'],
  ['region.startupProbe', 'the API drops it: use instanceSchema "ide/startupProbe.json"'],
  ['region.from', 'the API drops it: use instanceSchema "network-policy.json"'],
  ['region.defaultNetworkPolicy', 'the API drops it: use instanceSchema "network-policy.json"'],
  ['region.defaultIpProtection', 'the API drops it: use instanceSchema "ide/ingress.json"'],
  ['region.openshiftSCC', 'the API drops it: use instanceSchema "ide/openshiftSCC.json"'],
  ['region.customValues', 'the API drops it: override one of the schemas that charts ask for'],
  ['region.kafka', 'the API drops it: ask for the address in a value of the chart'],
  ['region.oauth2', 'removed: services have no client of their own'],
];

/** What is wrong with a path of the context. @default - undefined when Onyxia has it */
export function contextProblem(path: string): string | undefined {
  const stale = STALE.find(([known]) => path === known || path.startsWith(`${known}.`));
  if (stale !== undefined) return `{{${path}}} is not in the context of Onyxia ${CONTEXT_VERSION}: ${stale[1]}`;
  let level: unknown = CONTEXT;
  const walked: string[] = [];
  for (const step of stepsOf(path)) {
    if (level === OPEN) return undefined;
    if (typeof level !== 'object' || level === null || !Object.hasOwn(level, step)) {
      const known =
        typeof level === 'object' && level !== null ? Object.keys(level).sort().join(', ') : 'nothing below';
      const where = walked.length === 0 ? 'the context' : walked.join('.');
      return `{{${path}}} is not in the context of Onyxia ${CONTEXT_VERSION}: ${where} has ${known}`;
    }
    level = (level as Readonly<Record<string, unknown>>)[step];
    walked.push(step);
  }
  return undefined;
}

/** The steps of a path as Onyxia reads it: dots, `[0]`, and `["a.b"]` for a name with dots. */
export function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\[(?:"([^"]+)"|'([^']+)'|(\d+))\]|([^.[\]]+)/g)].map(
    ([, double, single, index, plain]) => double ?? single ?? index ?? plain ?? '',
  );
}

/** The paths that a reference names: `{{a.b}}` anywhere in a text, or a bare path; in a list or a map, those of its texts. */
export function contextPaths(reference: unknown): readonly string[] {
  if (typeof reference === 'string') {
    if (!reference.includes('{{')) return [reference];
    return [...reference.matchAll(/\{\{([^}]+)\}\}/g)].map(([, path = '']) => path);
  }
  if (typeof reference !== 'object' || reference === null) return [];
  return Object.values(reference).flatMap((item) =>
    typeof item === 'string' && !item.includes('{{') ? [] : contextPaths(item),
  );
}

declare const INJECTED: unique symbol;

/** A text that Onyxia fills in at launch. It is made by `injected`, which knows the paths that there are. */
export type Injected = string & { readonly [INJECTED]: true };

/**
 * What Onyxia knows under a path. The compiler refuses a path that the pinned version lacks; so does the function, for programs without types.
 *
 * @throws Error when Onyxia has no such path, with what replaced it where that is known
 *
 * @example
 * import { injected, value } from 'bouture';
 * const person = value.text({ default: '', from: injected('user.idep') });
 */
export function injected(path: ContextPath): Injected {
  return injectedText`${path}`;
}

/**
 * A text with parts that Onyxia knows.
 *
 * @throws Error when Onyxia has no such path
 *
 * @example
 * import { injectedText, value } from 'bouture';
 * const host = value.text({ default: '', from: injectedText`${'project.id'}-${'k8s.randomSubdomain'}-0.${'k8s.domain'}` });
 */
export function injectedText(pieces: TemplateStringsArray, ...paths: readonly ContextPath[]): Injected {
  for (const path of paths) {
    const problem = contextProblem(path);
    if (problem !== undefined) throw new Error(problem);
  }
  return pieces
    .map((piece, index) => piece + (index < paths.length ? `{{${paths[index] ?? ''}}}` : ''))
    .join('') as Injected;
}

/**
 * Names by which a chart asks for the office's own version of a part of its form; where the office gives none, the API's own is taken, or
 * the chart's for those that the API lacks.
 */
export const INSTANCE_SCHEMAS = [
  'ide/customImage.json',
  'ide/extraenv.json',
  'ide/git.json',
  'ide/ingress.json',
  'ide/init.json',
  'ide/message.json',
  'ide/networking.json',
  'ide/openshiftSCC.json',
  'ide/password.json',
  'ide/persistence.json',
  'ide/resources.json',
  'ide/resources-gpu.json',
  'ide/role.json',
  'ide/route.json',
  'ide/runtimeClassName.json',
  'ide/s3.json',
  'ide/startupProbe.json',
  'ide/vault.json',
  'argo-cd/ingress.json',
  'argo-workflows/ingress.json',
  'certificates.json',
  'label-studio/ingress.json',
  'mlflow/ingress.json',
  'network-policy.json',
  'nodeSelector.json',
  'nodeSelector-gpu.json',
  'proxy.json',
  'repository.json',
  'role-spark.json',
  'spark.json',
  'tolerations.json',
] as const;

/** One of {@link INSTANCE_SCHEMAS}. */
export type InstanceSchema = (typeof INSTANCE_SCHEMAS)[number];
