import { Construct } from 'constructs';
import {
  type ConfidentialClientProps,
  type IConfidentialClient,
  type IIdentityProvider,
  type IOidcClient,
  type LoginEndpoints,
  Platform,
  type PublicClientProps,
  type SecretRef,
  type TokenConsumer,
  type TokenKeys,
} from '../../constructs';

export interface StandInRealmProps {
  /** @default 'https://auth.example.org/realms/datalab' */
  readonly issuer?: string;
  /** @default - below the issuer */
  readonly jwksUrl?: string;
  /** Secret with the authority behind the provider. @default - none */
  readonly certificateAuthority?: SecretRef;
  /** @default - the discovery document of the issuer tells */
  readonly endpoints?: LoginEndpoints;
}

/** An identity provider that is somewhere else and makes no object: what a consumer does with it is the subject. */
export class StandInRealm extends Construct implements IIdentityProvider {
  readonly issuer: string;
  readonly claims = { username: 'preferred_username', groups: 'groups', roles: 'roles' };
  /** What clients were asked for. */
  readonly clients: { readonly clientId: string; readonly props: PublicClientProps }[] = [];
  /** What clients with a secret were asked for, and where people come back to. */
  readonly confidential: {
    readonly clientId: string;
    readonly props: Omit<ConfidentialClientProps, 'namespace' | 'secretName'>;
    readonly redirects: readonly string[];
  }[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: StandInRealmProps = {},
  ) {
    super(scope, id);
    this.issuer = props.issuer ?? 'https://auth.example.org/realms/datalab';
  }

  addPublicClient(clientId: string, props: PublicClientProps = {}): IOidcClient {
    this.clients.push({ clientId, props });
    return {
      clientId,
      audience: props.audience ?? clientId,
      accessTokenSeconds: props.accessTokenSeconds ?? 300,
      allowRedirect: () => undefined,
      grantEveryone: () => undefined,
      grantGroup: () => undefined,
    };
  }

  addConfidentialClient(
    clientId: string,
    { namespace, secretName, ...props }: ConfidentialClientProps,
  ): IConfidentialClient {
    const redirects: string[] = [];
    const ref = (key: string): SecretRef => ({ namespace: namespace.name, name: secretName, key });
    this.confidential.push({ clientId, props, redirects });
    Platform.of(namespace).expectSecret({
      namespace: namespace.name,
      name: secretName,
      keys: ['clientId', 'clientSecret'],
      purpose: 'the test',
    });
    return {
      ...this.addPublicClient(clientId, props),
      allowRedirect: (url) => redirects.push(url),
      clientIdRef: ref('clientId'),
      clientSecretRef: ref('clientSecret'),
    };
  }

  addGroup(): void {
    // Tests say in each token who is in which group.
  }

  grantKeys({ connections }: TokenConsumer): TokenKeys {
    connections.allowToExternal({ cidrs: ['192.0.2.7/32'] }, 443);
    const { jwksUrl = `${this.issuer}/protocol/openid-connect/certs`, certificateAuthority, endpoints } = this.props;
    return {
      issuer: this.issuer,
      discoveryUrl: this.issuer,
      jwksUrl,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
      ...(endpoints === undefined ? {} : { endpoints }),
    };
  }
}
