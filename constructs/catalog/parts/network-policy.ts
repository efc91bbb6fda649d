import type { k8s } from '../../platform';
import { isSet, when } from '../functions';
import { object } from '../object';
import { definePart } from '../part';
import { value } from '../schema';
import { selectorLabels } from '../workload';

/**
 * Who may call the service: Pods of its own namespace, and those that the office names (its Ingress controller), in its schema
 * `network-policy.json`. What the service may call, the platform decides for the whole namespace.
 */
export function networkPolicy() {
  return definePart(
    {
      networkPolicy: value.group(
        {
          title: { en: 'Network policy', fr: 'Politique réseau' },
          hidden: true,
          instanceSchema: 'network-policy.json',
        },
        {
          enabled: value.flag({ default: false, hidden: true }),
          from: value.rawList<k8s.NetworkPolicyPeer>({ default: [], hidden: true }),
        },
      ),
    },
    (values, { chart }) => ({
      objects: [
        when(
          values.networkPolicy.enabled,
          object('NetworkPolicy', '', {
            spec: {
              podSelector: { matchLabels: selectorLabels(chart) },
              policyTypes: ['Ingress'],
              ingress: [
                { from: [{ podSelector: {} }] },
                when(isSet(values.networkPolicy.from), { from: values.networkPolicy.from }),
              ],
            },
          }),
        ),
      ],
    }),
  );
}
