import type { ObjectRule } from '../rule';

export const clusterIpServices: ObjectRule = {
  id: 'cluster-ip-services',
  level: 'error',
  scope: 'object',
  why: 'NodePort, LoadBalancer and external addresses open a service to the network beside the Ingress and its TLS; ExternalName sends clients anywhere.',
  source: 'Multi-Tenancy Benchmarks, PL1-CPI: https://github.com/kubernetes-sigs/multi-tenancy/tree/master/benchmarks',
  fix: 'leave the type ClusterIP and expose the service with exposure.expose(service, subdomain)',
  *check({ kind, spec }) {
    if (kind !== 'Service') return;
    const type = spec.at('type');
    if (type.exists && type.text !== 'ClusterIP') yield { field: type.path, message: `is ${type.text ?? ''}` };
    for (const key of ['externalIPs', 'loadBalancerIP', 'externalName']) {
      const field = spec.at(key);
      if (field.exists) yield { field: field.path, message: 'opens the service beside the Ingress' };
    }
  },
};
