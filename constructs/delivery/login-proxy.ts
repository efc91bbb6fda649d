import { Construct } from 'constructs';
import {
  authorityFile,
  atStep,
  type Component,
  type Connections,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  envFromSecret,
  type ExposedHost,
  GeneratedValue,
  type IConfidentialClient,
  type IIdentityProvider,
  type ImageReference,
  k8s,
  lazily,
  PlatformSecret,
  resourceRequirements,
  type TokenKeys,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';

/** Who is let in. */
export interface LoginProps {
  /** Who logs people in. */
  readonly provider: IIdentityProvider;
  /** Groups that are let in; a member of one of them is. @default - whoever logs in */
  readonly groups?: readonly string[];
  /** Id that the provider is asked for a client by. @default - the name of what is behind the login */
  readonly clientId?: string;
  /**
   * Seconds after which the browser is sent to the provider again, which does not ask again while its own session lasts: who has left a group is let
   * in until then. 60 to 86400.
   *
   * @default 3600
   */
  readonly sessionSeconds?: number;
}

/** What stands behind a login. */
export interface LoginProxyProps extends LoginProps {
  /** Name of what is behind it: the client, the Secrets and the cookie are named for it. */
  readonly name: string;
  /** Traffic of the Pod that it stands in. */
  readonly connections: Connections;
  /** Port that browsers reach it on. */
  readonly port: number;
  /** Port on the Pod's own loopback address that it forwards to. */
  readonly upstreamPort: number;
  /** @default - 10m to 500m CPU; 32Mi to 128Mi of memory */
  readonly resources?: ContainerResources;
}

const SOFTWARE = 'oauth2-proxy';
const ROLE = 'login';
const SETTINGS_FOLDER = '/etc/login';
const SETTINGS_FILE = 'oauth2-proxy.cfg';
const AUTHORITY_FOLDER = '/etc/login-authority';
/** Below this path the proxy answers by itself: it hides nothing of what is behind it. */
const OWN_PATH = '/oauth2';
const HEALTH = `${OWN_PATH}/ping`;
/** As many letters and digits as the program takes for the 32 bytes, in base64, of a key of AES-256. */
const COOKIE_KEY_LENGTH = 43;

const RESOURCES: ContainerResources = {
  cpu: { request: '10m', limit: '500m' },
  memory: { request: '32Mi', limit: '128Mi' },
};

/**
 * A container that asks people to log in before they reach another container of its Pod, which listens on the loopback address alone and knows nobody:
 * OAuth2 Proxy, by the authorization code flow with PKCE and a secret of its own. What it knows of a person stands in a cookie that it encrypts, without
 * the provider's tokens: those of a large realm would not fit into the headers that many Ingress controllers take. Image: key `oauth2-proxy`.
 *
 * @throws Error when the seconds are out of their bounds, or at synthesis when browsers have no way to come back
 *
 * @example
 * import { type Component, type Connections, type IIdentityProvider, LoginProxy } from 'bouture';
 * declare const component: Component, connections: Connections, realm: IIdentityProvider;
 * const login = new LoginProxy(component, 'login', {
 *   name: 'pages', connections, provider: realm, groups: ['readers'], port: 8080, upstreamPort: 8081,
 * });
 */
export class LoginProxy extends Construct {
  /** Where people come back to, below the address of what is behind the login. */
  static readonly CALLBACK = `${OWN_PATH}/callback`;

  private readonly image: ImageReference;
  private readonly client: IConfidentialClient;
  private readonly keys: TokenKeys;
  private readonly cookieKey: PlatformSecret;
  private readonly sessionSeconds: number;
  private url: string | undefined;

  constructor(
    component: Component,
    id: string,
    private readonly props: LoginProxyProps,
  ) {
    super(component, id);
    const { name, connections, provider, groups = [], sessionSeconds = 3600 } = props;
    const { namespace, platform } = component;
    wholeNumber(`login.sessionSeconds of "${name}"`, sessionSeconds, 60, 86_400);
    if (groups.length === 0 && props.groups !== undefined) {
      throw new Error(
        `login of "${name}": no group is let in; name one, or leave out groups to let in whoever logs in`,
      );
    }
    this.sessionSeconds = sessionSeconds;
    this.image = platform.images.get(SOFTWARE);
    for (const group of groups) provider.addGroup(group);
    this.client = provider.addConfidentialClient(props.clientId ?? name, { namespace, secretName: `${name}-login` });
    this.keys = provider.grantKeys({ consumerName: name, connections });
    this.cookieKey = new PlatformSecret(this, 'cookie', {
      namespace,
      name: `${name}-cookie`,
      data: { key: new GeneratedValue(`${name}-cookie`, COOKIE_KEY_LENGTH) },
    });
    const settings = new k8s.KubeConfigMap(this, 'settings', {
      metadata: {
        name: lazily(() => this.settingsName()),
        namespace: namespace.name,
        labels: component.labels(SOFTWARE, ROLE, this.image.version),
      },
      immutable: true,
      data: lazily(() => this.files()),
    });
    atStep(settings, 0);
  }

  /** Says where browsers reach what is behind the login, to which they come back. */
  comesBackTo({ url }: ExposedHost): void {
    this.url = url;
    this.client.allowRedirect(`${url}${LoginProxy.CALLBACK}`);
  }

  /** The container, whose port is named `http`. */
  get container(): k8s.Container {
    const { port, resources = RESOURCES } = this.props;
    const httpGet = { path: HEALTH, port: k8s.IntOrString.fromString('http') };
    return {
      name: ROLE,
      image: this.image.reference,
      imagePullPolicy: 'IfNotPresent',
      command: [SOFTWARE, `--config=${SETTINGS_FOLDER}/${SETTINGS_FILE}`],
      env: [
        envFromSecret('OAUTH2_PROXY_CLIENT_SECRET', this.client.clientSecretRef),
        envFromSecret('OAUTH2_PROXY_COOKIE_SECRET', this.cookieKey.ref('key')),
      ],
      ports: [{ name: 'http', containerPort: port }],
      resources: resourceRequirements(resources),
      securityContext: containerSecurityContext(),
      volumeMounts: [
        { name: 'login', mountPath: SETTINGS_FOLDER, readOnly: true },
        ...(this.keys.certificateAuthority === undefined
          ? []
          : [{ name: 'login-authority', mountPath: AUTHORITY_FOLDER, readOnly: true }]),
      ],
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
      livenessProbe: { httpGet, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
    };
  }

  /** What the container mounts. */
  get volumes(): readonly k8s.Volume[] {
    const { certificateAuthority: authority } = this.keys;
    return [
      { name: 'login', configMap: { name: lazily(() => this.settingsName()) } },
      ...(authority === undefined ? [] : [authorityFile('login-authority', authority)]),
    ];
  }

  private settingsName(): string {
    return `${this.props.name}-${ROLE}-${contentHash(this.files())}`;
  }

  private files(): Record<string, string> {
    const lines = Object.entries(this.settings()).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    return { [SETTINGS_FILE]: lines.join('') };
  }

  /** By the keys of the program's file, which is TOML: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview */
  private settings(): Readonly<Record<string, string | boolean | readonly string[]>> {
    const { name, port, upstreamPort, provider, groups = [] } = this.props;
    const { issuer, jwksUrl, endpoints, certificateAuthority } = this.keys;
    const { url } = this;
    if (url === undefined) {
      throw new Error(
        `"${this.node.path}" logs people in by their browsers, which cannot come back: expose it by exposeVia`,
      );
    }
    const isEncrypted = url.startsWith('https:');
    return {
      http_address: `0.0.0.0:${port}`,
      upstreams: [`http://127.0.0.1:${upstreamPort}`],
      proxy_prefix: OWN_PATH,
      ping_path: HEALTH,
      ready_path: `${OWN_PATH}/ready`,
      provider: 'oidc',
      client_id: this.client.clientId,
      redirect_url: `${url}${LoginProxy.CALLBACK}`,
      scope: 'openid profile',
      code_challenge_method: 'S256',
      oidc_issuer_url: issuer,
      ...(endpoints === undefined
        ? {}
        : {
            skip_oidc_discovery: true,
            login_url: endpoints.authorizationUrl,
            redeem_url: endpoints.tokenUrl,
            oidc_jwks_url: jwksUrl,
          }),
      ...(certificateAuthority === undefined ? {} : { provider_ca_files: [`${AUTHORITY_FOLDER}/ca.crt`] }),
      oidc_groups_claim: provider.claims.groups,
      // Nobody is let in by an address of e-mail, and none need be known: a person's name stands in its place.
      oidc_email_claim: provider.claims.username,
      email_domains: ['*'],
      skip_claims_from_profile_url: true,
      ...(groups.length === 0 ? {} : { allowed_groups: groups }),
      skip_provider_button: true,
      // Whoever leaves may be sent on to end the provider's session, too.
      whitelist_domains: [new URL(issuer).host],
      // A browser takes a cookie of such a name from this very host alone, and over TLS.
      cookie_name: `${isEncrypted ? '__Host-' : ''}${name}`,
      cookie_secure: isEncrypted,
      cookie_httponly: true,
      cookie_samesite: 'lax',
      cookie_expire: `${this.sessionSeconds}s`,
      session_cookie_minimal: true,
      pass_basic_auth: false,
      pass_user_headers: false,
      request_logging: false,
      silence_ping_logging: true,
    };
  }
}
