import {
  CertificateAuthority,
  ServerTls,
  SpaceNames,
  type Synthesis,
  synthesize,
  VaultRealm,
  type VaultRealmProps,
} from '../../../constructs';
import { TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';
import type { LocalVault } from './local-vault';
import { FLAVOUR } from './secret-server';
import type { TokenIssuer } from './token-issuer';

const IMAGE = { ...TEST_LOCK['busybox'], repository: 'x', tag: '1', licence: 'MPL-2.0', source: 'x' };

/** A platform with one secret store, named `vault`, for a local Vault; tokens of people come from an issuer of the test. */
export function vaultPlatform(
  vault: LocalVault,
  tokens: TokenIssuer,
  props: Partial<VaultRealmProps> = {},
  build: (store: VaultRealm) => void = () => undefined,
): Synthesis {
  const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, vault: IMAGE, openbao: IMAGE } }) });
  const store = new VaultRealm(platform, 'vault', {
    identityProvider: new StandInRealm(platform, 'realm', { issuer: tokens.issuer, jwksUrl: tokens.jwksUrl }),
    names: new SpaceNames(),
    flavour: FLAVOUR,
    tls: ServerTls.secret('vault-tls', CertificateAuthority.pem(vault.authority.certificate)),
    ...props,
  });
  build(store);
  return synthesize(platform);
}
