import type { Field } from '../field';
import type { PlatformRule } from '../rule';
import type { ObjectView } from '../view';

export const hostsAreUnique: PlatformRule = {
  id: 'hosts-are-unique',
  level: 'error',
  scope: 'platform',
  why: 'Two routes for one host and path: which of them answers depends on the controller and on their age.',
  source: 'https://gateway-api.sigs.k8s.io/guides/api-design/#conflicts',
  fix: 'give each service a subdomain of its own',
  *check(platform) {
    const taken = new Map<string, ObjectView>();
    for (const object of platform.ofKind('Ingress', 'HTTPRoute')) {
      for (const { address, field } of object.kind === 'Ingress' ? ofIngress(object) : ofRoute(object)) {
        const other = taken.get(address);
        if (other === undefined) taken.set(address, object);
        else if (other !== object)
          yield { object, field: field.path, message: `${address} is taken by ${other.title}` };
      }
    }
  },
};

interface Address {
  readonly address: string;
  readonly field: Field;
}

function ofIngress({ spec }: ObjectView): readonly Address[] {
  return spec
    .at('rules')
    .items()
    .flatMap((rule) =>
      rule
        .at('http', 'paths')
        .items()
        .map((path) => ({
          address: `${rule.at('host').text ?? '*'}${path.at('path').text ?? '/'}`,
          field: path.at('path'),
        })),
    );
}

function ofRoute({ spec }: ObjectView): readonly Address[] {
  const listeners = spec
    .at('parentRefs')
    .items()
    .map((parent) => parent.at('sectionName').text ?? '');
  return spec
    .at('hostnames')
    .items()
    .flatMap((host) =>
      spec
        .at('rules')
        .items()
        .flatMap((rule) => rule.at('matches').items())
        .map((match) => ({
          address: `${host.text ?? '*'}${match.at('path', 'value').text ?? '/'}${listeners.map((name) => ` at ${name}`).join('')}`,
          field: match,
        })),
    );
}
