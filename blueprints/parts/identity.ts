import type { z } from 'zod';
import {
  ExternalIdentityProvider,
  type IdentityBroker,
  KeycloakRealm,
  type LdapFederation,
} from '../../constructs/identity';
import type { IExposure, IIdentityProvider, Platform, SpaceNames } from '../../constructs/platform';
import type { IDatabaseServer, IObjectStore } from '../../constructs/storage';
import type { identity } from '../sections/identity';
import { authorityOf, tlsOf } from './tls';

/** What a Keycloak of the platform's own stands on. */
export interface IdentityParts {
  readonly exposure: IExposure;
  readonly database: IDatabaseServer;
  /** Of the spaces of people: a user's name is one that their space can have. */
  readonly names: SpaceNames;
  readonly store: IObjectStore;
  /** Providers elsewhere whose people may log in. @default - none */
  readonly brokers?: readonly IdentityBroker[];
  /** Directories whose people may log in. @default - none */
  readonly directories?: readonly LdapFederation[];
}

/** Who knows people, by a section. @throws Error when the section names nobody */
export function makeIdentity(
  platform: Platform,
  { keycloak, external }: Pick<z.output<typeof identity>, 'keycloak' | 'external'>,
  { exposure, database: server, names, store, brokers, directories }: IdentityParts,
): IIdentityProvider {
  if (external !== undefined) {
    const { certificateAuthority, ...rest } = external;
    return new ExternalIdentityProvider(platform, 'identity', {
      ...rest,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
    });
  }
  if (keycloak === undefined) throw new Error('the section identity names neither keycloak nor external');
  const { database, idleSeconds, maxSeconds, tls, backup, ...props } = keycloak;
  return new KeycloakRealm(platform, 'keycloak', {
    ...props,
    database: server.addDatabase(database),
    exposure,
    names,
    session: { idleSeconds, maxSeconds },
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(backup === undefined ? {} : { backup: { ...backup, bucket: store.addBucket(backup.bucket) } }),
    ...(brokers === undefined ? {} : { brokers }),
    ...(directories === undefined ? {} : { federations: directories }),
  });
}
