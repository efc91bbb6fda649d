import type { IIdentityProvider, IOidcClient } from '../platform';
import type { RegionServices } from './region-document';

/** What the settings of the program for first logins are derived from: the region's own, as the chart does. */
export interface OnboardingInput {
  readonly identityProvider: IIdentityProvider;
  readonly client: IOidcClient;
  readonly projects: boolean;
  readonly services: RegionServices;
  readonly origin: string;
}

/** The file `env.yaml` of onyxia-onboarding 0.1.21: JSON, which YAML contains. */
export function onboardingSettings({ identityProvider, client, projects, services, origin }: OnboardingInput): string {
  const { username, groups, roles } = identityProvider.claims;
  const settings = {
    authenticationMode: 'openidconnect',
    server: { port: 8080, contextPath: '/api' },
    security: { corsAllowedOrigins: [origin] },
    oidc: {
      issuerURI: identityProvider.issuer,
      skipTLSVerify: false,
      clientID: client.clientId,
      audience: client.audience,
      usernameClaim: username,
      groupsClaim: projects ? groups : 'no-projects',
      rolesClaim: roles,
    },
    onboarding: {
      namespacePrefix: services.namespacePrefix,
      groupNamespacePrefix: services.groupNamespacePrefix,
      namespaceLabels: services.namespaceLabels,
      annotations: {
        enabled: true,
        static: services.namespaceAnnotations ?? {},
        dynamic: {
          'last-login-timestamp': true,
          userAttributes: services.namespaceAnnotationsDynamic.userAttributes,
        },
      },
      quotas: { enabled: true, ...services.quotas },
    },
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
