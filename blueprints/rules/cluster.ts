import type { Conflict } from '../config/check';
import { overlap } from '../config/hosts';
import { DNS_LABEL_MAX } from '../../constructs/platform/names';
import type { Path } from '../config/problems';
import type { Sections } from '../sections/platform';

/** The parts of the platform that have a namespace of their own, `<name>-<part>`. */
export const PARTS: readonly string[] = [
  'minio',
  'postgres',
  'mlflow',
  'platform',
  'object-store',
  'database',
  'gateway',
  'exposure',
  'metrics',
];

/** Networks inside the cluster and outside share no address: a hole to the one would be a hole to the other. */
export function* networksAreApart(config: Sections): Iterable<Conflict> {
  const { podCidr, serviceCidr } = config.cluster ?? {};
  if (podCidr !== undefined && serviceCidr !== undefined && overlap(podCidr, serviceCidr)) {
    yield {
      path: ['cluster', 'serviceCidr'],
      reads: [['cluster', 'podCidr']],
      message: `overlaps the network of the Pods, ${podCidr}`,
    };
  }
  const outside: readonly (readonly [readonly string[] | undefined, Path])[] = [
    [config.objectStore?.external?.cidrs, ['objectStore', 'external', 'cidrs']],
    [config.database?.external?.cidrs, ['database', 'external', 'cidrs']],
  ];
  for (const [cidrs, path] of outside) {
    for (const [index, cidr] of (cidrs ?? []).entries()) {
      for (const [what, inside] of [
        ['Pods', podCidr],
        ['Services', serviceCidr],
      ] as const) {
        if (inside === undefined || !overlap(cidr, inside)) continue;
        yield {
          path: [...path, index],
          message: `overlaps the network of the ${what}, ${inside}: what is external stands outside the cluster`,
        };
      }
    }
  }
}

/** Each project has a namespace that nothing else has. */
export function* projectsDiffer(config: Sections): Iterable<Conflict> {
  const { name = '', projects = [] } = config;
  const seen = new Set<string>();
  for (const [index, project] of projects.entries()) {
    const path = ['projects', index, 'name'];
    const { name: own } = project;
    if (own === undefined) continue;
    const namespace = `${name}-${own}`;
    if (PARTS.includes(own))
      yield { path, message: `a part of the platform has the namespace ${namespace}: choose another name` };
    else if (seen.has(own)) yield { path, message: 'another project has this name already' };
    else if (name !== '' && namespace.length > DNS_LABEL_MAX) {
      const message = `its namespace ${namespace} has ${namespace.length} characters; at most ${DNS_LABEL_MAX} fit`;
      yield {
        path,
        reads: [['name']],
        message,
        expected: `a name of at most ${DNS_LABEL_MAX - name.length - 1} characters`,
      };
    }
    seen.add(own);
  }
}
