import { PERSON_CLAIMS } from '../../constructs/identity/person-claims';
import { claimMatcher } from '../../constructs/onyxia/restrictions';
import type { Conflict } from '../config/check';
import { nearest } from '../config/nearest';
import type { Path } from '../config/problems';
import type { Sections } from '../sections/platform';

type Catalog = NonNullable<NonNullable<Sections['onyxia']>['catalogs']>[number];

/** Claim with the roles of a person, in tokens of a realm of the platform. */
const ROLES = 'roles';
const REALM_ROLES = ['identity', 'keycloak', 'roles'];

/** Catalogs are shown to somebody: to roles, projects and claims that there are. */
export function* catalogsHaveReaders(config: Sections): Iterable<Conflict> {
  const projects = (config.people?.projects ?? []).flatMap(({ name }) => name ?? []);
  for (const [index, catalog] of (config.onyxia?.catalogs ?? []).entries()) {
    const path = ['onyxia', 'catalogs', index];
    yield* unknownProjects(catalog, projects, [...path, 'projects']);
    // Of a provider of somebody else nobody knows here what its tokens tell.
    const keycloak = config.identity?.keycloak;
    if (keycloak === undefined) continue;
    const roles = keycloak.roles ?? [];
    yield* unknownRoles(catalog, roles, [...path, 'roles']);
    yield* unknownClaims(catalog, roles, [...path, 'restrictions']);
  }
}

function* unknownProjects(catalog: Catalog, known: readonly string[], path: Path): Iterable<Conflict> {
  for (const [index, project] of (catalog.projects ?? []).entries()) {
    if (known.includes(project)) continue;
    yield {
      path: [...path, index],
      reads: [['people', 'projects']],
      message: 'there is no such project, so nobody would see the catalog for it',
      expected: `a project of people.projects${listed(known)}`,
      suggestion: nearest(project, known),
    };
  }
}

function* unknownRoles(catalog: Catalog, known: readonly string[], path: Path): Iterable<Conflict> {
  for (const [index, role] of (catalog.roles ?? []).entries()) {
    if (known.includes(role)) continue;
    yield {
      path: [...path, index],
      reads: [REALM_ROLES],
      message: 'the realm has no such role, so nobody would see the catalog for it',
      expected: `a role of identity.keycloak.roles${listed(known)}`,
      suggestion: nearest(role, known),
    };
  }
}

function* unknownClaims(catalog: Catalog, roles: readonly string[], path: Path): Iterable<Conflict> {
  for (const [index, { claim, matches }] of (catalog.restrictions ?? []).entries()) {
    if (claim === undefined) continue;
    if (!PERSON_CLAIMS.includes(claim)) {
      yield {
        path: [...path, index, 'claim'],
        reads: [['identity', 'keycloak']],
        message: 'tokens of the realm have no such claim, so nobody would see the catalog',
        expected: `one of ${PERSON_CLAIMS.join(', ')}`,
        suggestion: nearest(claim, PERSON_CLAIMS),
      };
    }
    const fits = matches === undefined ? undefined : claimMatcher(matches);
    if (claim === ROLES && matches !== undefined && fits !== undefined && !roles.some(fits)) {
      yield {
        path: [...path, index, 'matches'],
        reads: [REALM_ROLES],
        message: 'no role of the realm fits, so nobody would see the catalog',
        expected: `what fits a role of identity.keycloak.roles${listed(roles)}`,
        suggestion: nearest(matches, roles),
      };
    }
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
