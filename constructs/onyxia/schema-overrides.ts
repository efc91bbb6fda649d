import { NVIDIA_GPU } from '../compute';
import { compare, type ForeignPods, type k8s } from '../platform';

/** A schema of draft-07 as forms of Onyxia read it, with `x-onyxia`. */
export type FormSchema = Readonly<Record<string, unknown>>;

/** A slider: both ends, its step, and where its handles stand at first. Whole numbers. */
export interface SliderSettings {
  /** @default 1 for memory and disk, 50 for CPU */
  readonly min?: number;
  readonly max: number;
  /** @default 1 for memory and disk, 50 for CPU */
  readonly step?: number;
}

/** CPU or memory: what is guaranteed, and what a service never exceeds. */
export interface ResourceSlider extends SliderSettings {
  /** At first. @default - 100 for CPU, 2 for memory, or the least */
  readonly request?: number;
  /** At first. @default - the most */
  readonly limit?: number;
}

/** GPUs that people choose, and the nodes that have them. */
export interface GpuChoice {
  /** Label that tells kinds of nodes apart, `nvidia.com/gpu.product`. @default - people choose no kind */
  readonly nodeLabel?: string;
  /** Values of the label, the first is chosen at first. @default - people choose no kind */
  readonly kinds?: readonly [string, ...string[]];
  /** GPUs (`nvidia.com/gpu`) that one service may have; 0 starts it without. @default 1 */
  readonly max?: number;
  /** The same for other extended resources, `nvidia.com/mig-1g.10gb`, in place of `nvidia.com/gpu`. @default - `max` of `nvidia.com/gpu` */
  readonly most?: Readonly<Record<string, number>>;
}

/** What an office lays down for the forms that start services. Each becomes a schema that charts ask for by name. */
export interface SchemaOverrides {
  /** Address of a script that each service runs at its start, `https://...`. It is fetched then: keep it on the platform. @default - none */
  readonly initScript?: string;
  /** Labels of the nodes that services run on. @default - any node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that services bear. @default - none */
  readonly tolerations?: readonly k8s.Toleration[];
  /** Which GPUs there are. @default - the chart's own form */
  readonly gpu?: GpuChoice;
  /** In thousandths of a CPU. @default - 50 to 40000, the bundled one */
  readonly cpu?: ResourceSlider;
  /** In GiB. @default - 1 to 200, the bundled one */
  readonly memory?: ResourceSlider;
  /** In GiB. @default - 1 to 100, the bundled one */
  readonly disk?: SliderSettings & { readonly size?: number };
  /** How long a service may take to start. @default - ten minutes, the bundled one */
  readonly startupProbe?: { readonly failureThreshold: number; readonly periodSeconds?: number };
  /** Services refuse Pods of other namespaces, but for these: the Ingress controller's. @default - no policy of the chart's own */
  readonly networkPolicy?: { readonly from: readonly ForeignPods[] };
  /** Whole schemas by the name that charts ask for, `ide/role.json`. They take precedence over the others. @default - none */
  readonly files?: Readonly<Record<string, FormSchema>>;
}

/** Overrides for everyone, and for who has a role. */
export interface SchemaSettings extends SchemaOverrides {
  /** By name of a role of the token; of several, the first in alphabetical order holds. @default - none */
  readonly roles?: Readonly<Record<string, SchemaOverrides>>;
}

/** Which of the region's injections exist: schemas that name one that does not would be skipped. */
export interface Injections {
  readonly proxy: boolean;
  readonly packageMirrors: readonly ('cranProxyUrl' | 'condaProxyUrl' | 'packageManagerUrl' | 'pypiProxyUrl')[];
  readonly certificates: boolean;
}

/** What charts ask for that the region injects, and no bundled schema passes on (trap 6). */
export function injectionSchemas({
  proxy,
  packageMirrors,
  certificates,
}: Injections): Readonly<Record<string, FormSchema>> {
  const mirrors: Readonly<Record<Injections['packageMirrors'][number], string>> = {
    pypiProxyUrl: 'pipRepository',
    condaProxyUrl: 'condaRepository',
    cranProxyUrl: 'rRepository',
    packageManagerUrl: 'packageManagerUrl',
  };
  return {
    ...(proxy
      ? {
          'proxy.json': objectSchema('Proxy', {
            enabled: { type: 'boolean', default: true, 'x-onyxia': { hidden: true } },
            httpProxy: injected('{{proxyInjection.httpProxyUrl}}'),
            httpsProxy: injected('{{proxyInjection.httpsProxyUrl}}'),
            noProxy: injected('{{proxyInjection.noProxy}}'),
          }),
        }
      : {}),
    ...(certificates
      ? {
          'certificates.json': objectSchema('Certificate authorities', {
            cacerts: injected('{{certificateAuthorityInjection.cacerts}}'),
          }),
        }
      : {}),
    ...(packageMirrors.length === 0
      ? {}
      : {
          'repository.json': objectSchema(
            'Package repositories',
            Object.fromEntries(
              packageMirrors.map((key) => [mirrors[key], injected(`{{packageRepositoryInjection.${key}}}`)]),
            ),
          ),
        }),
  };
}

/**
 * The schemas of a set of overrides, by the name that charts ask for.
 *
 * @throws Error when a slider has no way to go, or when a name is no path of a JSON file
 */
export function overrideSchemas(overrides: SchemaOverrides): Readonly<Record<string, FormSchema>> {
  const {
    initScript,
    nodeSelector,
    tolerations,
    gpu,
    cpu,
    memory,
    disk,
    startupProbe,
    networkPolicy,
    files = {},
  } = overrides;
  if (initScript !== undefined && !/^https:\/\/[^\s/]+\/\S*$/.test(initScript)) {
    throw new Error(
      `schemas.initScript "${initScript}": expected an address with https://, for every service runs what it gives`,
    );
  }
  const made: Record<string, FormSchema> = {
    ...(initScript === undefined
      ? {}
      : {
          'ide/init.json': objectSchema('Start', {
            regionInit: { type: 'string', default: initScript, 'x-onyxia': { hidden: true } },
            personalInit: { type: 'string', description: 'Address of a script of your own', default: '' },
            personalInitArgs: { type: 'string', description: 'Its arguments', default: '' },
          }),
        }),
    ...(nodeSelector === undefined ? {} : { 'nodeSelector.json': hiddenObject('Nodes', nodeSelector) }),
    ...(tolerations === undefined
      ? {}
      : { 'tolerations.json': { ...DRAFT, title: 'Tolerations', type: 'array', default: tolerations, ...HIDDEN } }),
    ...gpuKinds(gpu),
    ...(cpu === undefined && memory === undefined ? {} : { 'ide/resources.json': resourcesSchema(overrides) }),
    ...(cpu === undefined && memory === undefined && gpu === undefined
      ? {}
      : { 'ide/resources-gpu.json': resourcesSchema(overrides, gpu?.most ?? { [NVIDIA_GPU]: gpu?.max ?? 1 }) }),
    ...(disk === undefined ? {} : { 'ide/persistence.json': diskSchema(disk) }),
    ...(startupProbe === undefined
      ? {}
      : {
          'ide/startupProbe.json': hiddenObject('Start', {
            failureThreshold: startupProbe.failureThreshold,
            initialDelaySeconds: 10,
            periodSeconds: startupProbe.periodSeconds ?? 10,
            successThreshold: 1,
            timeoutSeconds: 2,
          }),
        }),
    ...(networkPolicy === undefined
      ? {}
      : {
          'network-policy.json': objectSchema('Network policy', {
            enabled: { type: 'boolean', default: true, 'x-onyxia': { hidden: true } },
            from: { type: 'array', default: networkPolicy.from.map(peer), 'x-onyxia': { hidden: true } },
          }),
        }),
    ...files,
  };
  const wrong = Object.keys(files).find(
    (name) => !/^([A-Za-z0-9][A-Za-z0-9_-]*\/)*[A-Za-z0-9][A-Za-z0-9_-]*\.json$/.test(name),
  );
  if (wrong !== undefined)
    throw new Error(`schemas.files: "${wrong}" is no name of a schema: expected "ide/role.json"`);
  return Object.fromEntries(Object.entries(made).sort(([a], [b]) => compare(a, b)));
}

const DRAFT = { $schema: 'http://json-schema.org/draft-07/schema#' };
const HIDDEN = { 'x-onyxia': { hidden: true } };

function objectSchema(title: string, properties: FormSchema): FormSchema {
  return { ...DRAFT, title, type: 'object', properties };
}

function hiddenObject(title: string, value: FormSchema): FormSchema {
  return { ...DRAFT, title, type: 'object', default: value, ...HIDDEN };
}

function injected(reference: string): FormSchema {
  return { type: 'string', default: '', 'x-onyxia': { hidden: true, overwriteDefaultWith: reference } };
}

function peer({ namespace, podLabels }: ForeignPods): FormSchema {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...(podLabels === undefined ? {} : { podSelector: { matchLabels: podLabels } }),
  };
}

function gpuKinds({ nodeLabel, kinds }: GpuChoice = {}): Record<string, FormSchema> {
  if (nodeLabel === undefined && kinds === undefined) return {};
  if (nodeLabel === undefined || kinds === undefined) {
    throw new Error('schemas.gpu: kinds are values of nodeLabel: give both, or neither');
  }
  return {
    'nodeSelector-gpu.json': objectSchema('GPU', {
      [nodeLabel]: { type: 'string', title: 'Kind of GPU', default: kinds[0], render: 'list', listEnum: kinds },
    }),
  };
}

/** A slider for each resource: one of the first at first, where there is one. */
function gpuSliders(most: Readonly<Record<string, number>>): Record<string, FormSchema> {
  return Object.fromEntries(
    Object.entries(most).map(([resource, max], index) => [
      resource,
      max === 0
        ? { type: 'string', default: '0', ...HIDDEN }
        : slider('gpu', { min: 0, max, step: 1 }, '', index === 0 ? 1 : 0),
    ]),
  );
}

interface Unit {
  readonly title: string;
  readonly unit: string;
  readonly least: number;
  readonly request: number;
}

const CPU: Unit = { title: 'CPU', unit: 'm', least: 50, request: 100 };
const MEMORY: Unit = { title: 'Memory', unit: 'Gi', least: 1, request: 2 };
/** The bundled sliders, for the one of both that is not overridden. */
const BUNDLED = { cpu: { max: 40_000, limit: 30_000 }, memory: { max: 200, limit: 50 } } as const;

function resourcesSchema(
  { cpu = BUNDLED.cpu, memory = BUNDLED.memory }: SchemaOverrides,
  gpus: Readonly<Record<string, number>> = {},
): FormSchema {
  const [cpuRequest, cpuLimit] = range('cpu', CPU, cpu);
  const [memoryRequest, memoryLimit] = range('memory', MEMORY, memory);
  return objectSchema('Resources', {
    requests: { type: 'object', description: 'Guaranteed', properties: { cpu: cpuRequest, memory: memoryRequest } },
    limits: {
      type: 'object',
      description: 'At most',
      properties: {
        cpu: cpuLimit,
        memory: memoryLimit,
        ...gpuSliders(gpus),
      },
    },
  });
}

function range(id: string, { title, unit, least, request }: Unit, given: ResourceSlider): [FormSchema, FormSchema] {
  const ends = { min: given.min ?? least, max: given.max, step: given.step ?? least };
  const first = given.request ?? Math.max(ends.min, Math.min(request, ends.max));
  const last = given.limit ?? ends.max;
  if (first > last)
    throw new RangeError(`schemas.${id}: ${first} would be guaranteed, and ${last} the most: exchange them`);
  const end = (value: number, extremity: 'down' | 'up', semantic: string): FormSchema => ({
    ...slider(id, ends, unit, value),
    title,
    sliderExtremity: extremity,
    sliderExtremitySemantic: semantic,
    sliderRangeId: id,
  });
  return [end(first, 'down', 'guaranteed'), end(last, 'up', 'maximum')];
}

function diskSchema({ min = 1, max, step = 1, size }: SliderSettings & { readonly size?: number }): FormSchema {
  return objectSchema('Disk', {
    enabled: { type: 'boolean', description: 'Keep files in a volume', default: true },
    size: {
      ...slider('disk', { min, max, step }, 'Gi', size ?? Math.max(min, Math.min(10, max))),
      title: 'Size of the volume',
      hidden: { value: false, path: 'enabled', isPathRelative: true },
    },
  });
}

function slider(what: string, { min, max, step }: Required<SliderSettings>, unit: string, value: number): FormSchema {
  if (![min, max, step, value].every((each) => Number.isInteger(each) && each >= 0) || min > max || step < 1) {
    throw new RangeError(
      `schemas.${what}: expected whole numbers, and min at most max, given min ${min}, max ${max}, step ${step}`,
    );
  }
  if (value < min || value > max) throw new RangeError(`schemas.${what}: ${value} is not from ${min} to ${max}`);
  return {
    type: 'string',
    default: `${value}${unit}`,
    render: 'slider',
    sliderMin: min,
    sliderMax: max,
    sliderStep: step,
    sliderUnit: unit,
  };
}
