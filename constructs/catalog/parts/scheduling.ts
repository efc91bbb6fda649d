import type { k8s } from '../../platform';
import { isSet, when } from '../functions';
import { definePart } from '../part';
import { value } from '../schema';

/** Labels of the nodes that the service runs on. The office decides: its schema `nodeSelector.json`, or `nodeSelector-gpu.json`. */
export function nodeSelector({ gpu = false }: { /** @default false */ readonly gpu?: boolean } = {}) {
  return definePart(
    {
      nodeSelector: value.keyed({
        default: {},
        title: { en: 'Nodes', fr: 'Nœuds' },
        hidden: true,
        instanceSchema: gpu ? 'nodeSelector-gpu.json' : 'nodeSelector.json',
      }),
    },
    (values) => ({ pod: { nodeSelector: when(isSet(values.nodeSelector), values.nodeSelector) } }),
  );
}

/** Taints of nodes that the service bears. The office decides: its schema `tolerations.json`. */
export function tolerations() {
  return definePart(
    {
      tolerations: value.rawList<k8s.Toleration>({
        default: [],
        title: 'Tolerations',
        hidden: true,
        instanceSchema: 'tolerations.json',
      }),
    },
    (values) => ({ pod: { tolerations: when(isSet(values.tolerations), values.tolerations) } }),
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
