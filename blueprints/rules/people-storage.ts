import { wrongLife } from '../../constructs/storage/credential-life';
import type { Conflict } from '../config/check';
import type { Path } from '../config/problems';
import type { Sections } from '../sections/platform';

const PEOPLE: Path = ['objectStore', 'external', 'people'];

/** A store of somebody else that serves people: what it takes of tokens and names. */
export function* externalPeopleCanWork(config: Sections): Iterable<Conflict> {
  const external = config.objectStore?.external;
  const people = external?.people;
  if (external === undefined || people === undefined) return;
  const kind = people.aws !== undefined ? 'aws' : people.ceph !== undefined ? 'ceph' : 'minio';
  const reads = [PEOPLE];
  if (external.endpoint?.startsWith('http://') === true) {
    yield {
      path: ['objectStore', 'external', 'endpoint'],
      reads,
      message: 'people would send their credentials in plain text, and pages that came by HTTPS may not call it',
      expected: 'https://, or no people',
    };
  }
  if (config.identity === undefined) {
    yield {
      path: PEOPLE,
      reads: [['identity']],
      message: 'nobody logs in here whose token it could take',
      expected: 'no people, or the blueprint sspcloud',
    };
    return;
  }
  if (external.cidrs === undefined && config.people?.internet !== true) {
    yield {
      path: ['objectStore', 'external', 'cidrs'],
      reads: [PEOPLE, ['people', 'internet']],
      message:
        'services of people would reach the port of the store anywhere in the world, and people.internet is not set',
      expected: 'the networks of the store, or people.internet: true',
    };
  }
  const seconds = config.people?.credentialSeconds;
  const wrong = seconds === undefined ? undefined : wrongLife(kind, seconds);
  if (wrong !== undefined) yield { path: ['people', 'credentialSeconds'], reads, message: wrong };
  if (kind === 'aws') {
    yield* namesAreWorldwide(config, PEOPLE);
    yield* rolesFit(config, people.aws?.rolePrefix, PEOPLE);
  }
  const groups = config.identity.external?.claims?.groups;
  if (kind === 'minio' && groups !== undefined && groups !== 'groups') {
    yield {
      path: ['identity', 'external', 'claims', 'groups'],
      reads,
      message: 'policies of MinIO read groups from the claim groups alone',
      expected: 'groups',
    };
  }
}

/** Whoever first made a bucket at AWS has its name, anywhere. @param store section that says so */
export function* namesAreWorldwide({ people }: Sections, store: Path): Iterable<Conflict> {
  for (const [key, fallback] of [
    ['userPrefix', 'user-'],
    ['projectPrefix', 'projet-'],
  ] as const) {
    if ((people?.[key] ?? fallback) !== fallback) continue;
    yield {
      path: ['people', key],
      reads: [store],
      message: `names of buckets are worldwide at AWS, and others have used the beginning ${fallback}`,
      expected: `a beginning of your own, such as stat-${fallback}`,
    };
  }
}

/** The longest name of a role at AWS. */
const ROLE_NAME_MAX = 64;

/** A project's role has the name of its bucket, behind what the account demands. @param store section that says so */
export function* rolesFit({ people }: Sections, rolePrefix: string = '', store: Path = PEOPLE): Iterable<Conflict> {
  const { projectPrefix = '', projects = [] } = people ?? {};
  for (const [index, { name = '' }] of projects.entries()) {
    const role = `${rolePrefix}${projectPrefix}${name}`;
    if (role.length <= ROLE_NAME_MAX) continue;
    yield {
      path: ['people', 'projects', index, 'name'],
      reads: [store, ['people', 'projectPrefix']],
      message: `its role ${role} would have ${role.length} characters; at most ${ROLE_NAME_MAX} fit`,
      expected: 'a shorter name, or a shorter rolePrefix',
    };
  }
}
