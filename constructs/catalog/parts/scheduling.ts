import type { k8s } from '../../platform';
import type { GpuOffer } from '../../compute';
import type { Expression } from '../expression';
import { allOf, isSet, when } from '../functions';
import { definePart } from '../part';
import { value } from '../schema';
import type { TemplateList } from '../template';
import { asksForAny } from './gpu';

export interface SchedulingProps {
  /** The service computes on GPUs. @default - it does not */
  readonly gpu?: GpuOffer;
}

/**
 * Labels of the nodes that the service runs on. The office decides: its schema `nodeSelector.json`, or `nodeSelector-gpu.json`, which counts
 * where a person has chosen a GPU.
 */
export function nodeSelector({ gpu }: SchedulingProps = {}) {
  return definePart(
    {
      nodeSelector: value.keyed({
        default: {},
        title: { en: 'Nodes', fr: 'Nœuds' },
        hidden: true,
        instanceSchema: gpu === undefined ? 'nodeSelector.json' : 'nodeSelector-gpu.json',
      }),
    },
    (values) => {
      const given = isSet(values.nodeSelector);
      return {
        pod: {
          nodeSelector: when(gpu === undefined ? given : allOf(asksForAny(gpu), given), values.nodeSelector),
        },
      };
    },
  );
}

/**
 * Taints of nodes that the service bears. The office decides: its schema `tolerations.json`. Where a person has chosen a GPU, those of the
 * pools count in its place, with the runtime that puts cards into containers and the priority of what somebody sits in front of.
 */
export function tolerations({ gpu }: SchedulingProps = {}) {
  return definePart(
    {
      tolerations: value.rawList<k8s.Toleration>({
        default: [],
        title: 'Tolerations',
        hidden: true,
        instanceSchema: 'tolerations.json',
      }),
    },
    (values) => {
      const given = isSet(values.tolerations);
      if (gpu === undefined) return { pod: { tolerations: when(given, values.tolerations) } };
      const asks = asksForAny(gpu);
      const { runtimeClassName, priorityClassName } = gpu;
      return {
        pod: {
          tolerations: when<TemplateList<k8s.Toleration> | Expression<readonly k8s.Toleration[]>>(
            asks,
            gpu.tolerations,
            values.tolerations,
          ),
          ...(runtimeClassName === undefined ? {} : { runtimeClassName: when(asks, runtimeClassName) }),
          ...(priorityClassName === undefined ? {} : { priorityClassName: when(asks, priorityClassName) }),
        },
      };
    },
  );
}

/** How long the service may take to start, image and all: ten minutes at first. The office decides: its schema `ide/startupProbe.json`. */
export function startupProbe() {
  return definePart(
    {
      startupProbe: value.group(
        { title: { en: 'Start', fr: 'Démarrage' }, hidden: true, instanceSchema: 'ide/startupProbe.json' },
        {
          failureThreshold: value.whole({ default: 60, minimum: 1 }),
          initialDelaySeconds: value.whole({ default: 5, minimum: 0 }),
          periodSeconds: value.whole({ default: 10, minimum: 1 }),
          successThreshold: value.whole({ default: 1, minimum: 1, hidden: true }),
          timeoutSeconds: value.whole({ default: 2, minimum: 1 }),
        },
      ),
    },
    (values) => ({
      startupProbe: {
        failureThreshold: values.startupProbe.failureThreshold,
        initialDelaySeconds: values.startupProbe.initialDelaySeconds,
        periodSeconds: values.startupProbe.periodSeconds,
        timeoutSeconds: values.startupProbe.timeoutSeconds,
      },
    }),
  );
}
