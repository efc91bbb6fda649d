import { type GpuOffer, NVIDIA_GPU } from '../../compute';
import { definePart } from '../part';
import { value, type ValueSchema } from '../schema';
import { askedGpus, asksFor } from './gpu';
import { when } from '../functions';

/** What is guaranteed and what is the most, with the ends of the slider. */
export interface SliderEnds {
  /** @default - a tenth of the most, or one step */
  readonly request?: number;
  /** @default - the end of the slider */
  readonly limit?: number;
  readonly max: number;
}

export interface ResourcesProps {
  /** In thousandths of a CPU, in steps of 50. @default - 100 guaranteed, 4000 at most */
  readonly cpu?: SliderEnds;
  /** In GiB. @default - 1 guaranteed, 8 at most */
  readonly memory?: SliderEnds;
  /** The service computes on GPUs, or on none where a person chooses 0. @default - no GPU */
  readonly gpu?: GpuOffer;
  /**
   * The most that it may take of the node's own disk, in GiB: packages that somebody installs, logs, nothing that must last. The quota of a
   * space counts it: four services with the default fit into the platform's.
   *
   * @default 10
   */
  readonly scratch?: number;
}

/** The steps of the CPU slider. */
const CPU_STEP = 50;

/** What the service may use, with sliders. The office may lay down other ends: its schema `ide/resources.json`, or `ide/resources-gpu.json`. */
export function resources({
  cpu = { request: 100, max: 4000 },
  memory = { request: 1, max: 8 },
  gpu,
  scratch = 10,
}: ResourcesProps = {}) {
  const cpuRequest = cpu.request ?? Math.max(CPU_STEP, Math.round(cpu.max / 10 / CPU_STEP) * CPU_STEP);
  const memoryRequest = memory.request ?? Math.max(1, Math.round(memory.max / 10));
  const end = (range: string, extremity: 'down' | 'up') => ({
    range,
    extremity,
    semantic: extremity === 'down' ? 'guaranteed' : 'maximum',
  });
  const cpuSlider = (amount: number, extremity: 'down' | 'up') =>
    value.amount({
      default: `${amount}m`,
      unit: 'm',
      min: CPU_STEP,
      max: cpu.max,
      step: CPU_STEP,
      title: 'CPU',
      end: end('cpu', extremity),
    });
  const memorySlider = (amount: number, extremity: 'down' | 'up') =>
    value.amount({
      default: `${amount}Gi`,
      unit: 'Gi',
      min: 1,
      max: memory.max,
      title: { en: 'Memory', fr: 'Mémoire' },
      end: end('memory', extremity),
    });
  const limits: { readonly cpu: ValueSchema<string>; readonly memory: ValueSchema<string> } = {
    cpu: cpuSlider(cpu.limit ?? cpu.max, 'up'),
    memory: memorySlider(memory.limit ?? memory.max, 'up'),
    ...(gpu === undefined ? {} : gpuChoices(gpu)),
  };
  return definePart(
    {
      resources: value.group(
        {
          title: { en: 'Resources', fr: 'Ressources' },
          description: {
            en: 'The service has what is guaranteed, and never more than the most.',
            fr: 'Le service a ce qui est garanti, et jamais plus que le maximum.',
          },
          instanceSchema: gpu === undefined ? 'ide/resources.json' : 'ide/resources-gpu.json',
        },
        {
          requests: value.group(
            { description: { en: 'Guaranteed', fr: 'Garanti' } },
            { cpu: cpuSlider(cpuRequest, 'down'), memory: memorySlider(memoryRequest, 'down') },
          ),
          limits: value.group({ description: { en: 'At most', fr: 'Au plus' } }, limits),
        },
      ),
    },
    ({ resources: { requests, limits: most } }) => ({
      resources: {
        requests: { cpu: requests.cpu, memory: requests.memory, 'ephemeral-storage': '100Mi' },
        limits: {
          cpu: most.cpu,
          memory: most.memory,
          'ephemeral-storage': `${scratch}Gi`,
          ...Object.fromEntries(
            (gpu === undefined ? [] : askedGpus(gpu)).map(([resource, count]) => [
              resource,
              when(asksFor(count), count),
            ]),
          ),
        },
      },
    }),
  );
}

/** A choice for each resource: one of the first, and none of the others, unless a person says otherwise. */
function gpuChoices({ most }: GpuOffer): Record<string, ValueSchema<string>> {
  return Object.fromEntries(
    Object.entries(most).map(([resource, count], index) => [
      resource,
      value.choice(counts(resource, count), { default: index === 0 ? '1' : '0', title: gpuTitle(resource) }),
    ]),
  );
}

function counts(resource: string, most: number): readonly [string, ...string[]] {
  if (!Number.isInteger(most) || most < 1 || most > 16) {
    throw new RangeError(`a service asks for a whole number of ${resource} from 1 to 16, given ${most}`);
  }
  return ['0', ...Array.from({ length: most }, (_, index) => String(index + 1))];
}

/** `GPU`, and for others what their device plugin calls them. */
function gpuTitle(resource: string): string {
  return resource === NVIDIA_GPU ? 'GPU' : `GPU (${resource.replace(/^.*\//, '')})`;
}
