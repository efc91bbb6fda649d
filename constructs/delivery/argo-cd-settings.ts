import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { compare, k8s, lazily, PART_OF, Platform, READY_LATER } from '../platform';
import { CLUSTER, EXCLUSIONS, SETTINGS_LABELS } from './argo-cd-programs';
import { ARGO_GROUP, ARGO_VERSION } from './argo-kinds';

/** Why the kinds of Argo CD may be what they are. */
const ALPHA = { 'bouture.dev/suppress.stable-api': 'Argo serves its kinds in this one version since it began.' };

/** An object of a kind of Argo CD. */
export function argoObject(
  scope: Construct,
  id: string,
  kind: 'Application' | 'AppProject',
  { name, namespace, labels }: { name: string; namespace: string; labels: Readonly<Record<string, string>> },
  spec: unknown,
): ApiObject {
  return new ApiObject(scope, id, {
    apiVersion: `${ARGO_GROUP}/${ARGO_VERSION}`,
    kind,
    metadata: { name, namespace, labels: { ...labels }, annotations: ALPHA },
    spec,
  });
}

/** How people log in, as Argo CD reads it. */
export interface LoginSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Claim with the names of a person's groups. */
  readonly groupsClaim: string;
  readonly administrators: readonly string[];
  readonly readers: readonly string[];
}

/** The settings of one Argo CD, resolved. */
export interface ArgoCdSettings {
  readonly namespace: string;
  /** Tells what this Argo CD has deployed from what others have. */
  readonly installation: string;
  /** Address for people. @default - none from outside */
  readonly url?: string;
  /** @default - nobody logs in by the identity provider */
  readonly login?: LoginSettings;
  readonly hasAdministrator: boolean;
  /** Keys of SSH servers, a line each. Asked for at synthesis. */
  readonly knownHosts: () => readonly string[];
}

/** Says that an object is well as soon as it is there, and why. */
function wellBecause(reason: string): string {
  return `hs = {}\nhs.status = "Healthy"\nhs.message = "${reason}"\nreturn hs\n`;
}

/** A volume that waits for its first Pod holds up no wave: the Pod stands in a later one. */
const VOLUME_HEALTH = `hs = {}
hs.status = "Healthy"
if obj.status ~= nil and obj.status.phase == "Lost" then
  hs.status = "Degraded"
  hs.message = "The volume is lost."
end
return hs
`;

/**
 * As Argo CD finds a Deployment well by itself (`pkg/health/health_deployment.go` of its GitOps engine), but for the first revision of one that is ready
 * later: what waits for a model holds up no wave. Each later revision must become ready.
 */
const DEPLOYMENT_HEALTH = `hs = {}
local function is(status, message)
  hs.status = status
  hs.message = message
  return hs
end
local annotations = obj.metadata.annotations or {}
local status = obj.status or {}
local wanted = obj.spec.replicas or 1
local updated = status.updatedReplicas or 0
if obj.spec.paused then
  return is("Suspended", "The Deployment is paused.")
end
if (status.observedGeneration or 0) < obj.metadata.generation then
  return is("Progressing", "The controller has not seen this version yet.")
end
if annotations["${READY_LATER}"] ~= nil and annotations["deployment.kubernetes.io/revision"] == "1" and updated >= wanted then
  return is("Healthy", "It is ready later: " .. annotations["${READY_LATER}"])
end
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded" then
    return is("Degraded", condition.message)
  end
end
if updated < wanted then
  return is("Progressing", updated .. " of " .. wanted .. " Pods are of this version.")
end
if (status.replicas or 0) > updated then
  return is("Progressing", "Pods of the version before are ending.")
end
if (status.availableReplicas or 0) < updated then
  return is("Progressing", (status.availableReplicas or 0) .. " of " .. updated .. " Pods are available.")
end
return is("Healthy", "")
`;

/**
 * What makes the state of what this library renders come to rest: what controllers write (replicas by an autoscaler among it) is no drift,
 * and what some clusters never report holds nothing up.
 */
const CUSTOMIZATIONS = {
  'resource.customizations.ignoreDifferences.all': 'managedFieldsManagers: [kube-controller-manager]\n',
  'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers: [/status]\n',
  'resource.customizations.health.apps_Deployment': DEPLOYMENT_HEALTH,
  'resource.customizations.health.networking.k8s.io_Ingress': wellBecause('Not every controller tells an address.'),
  'resource.customizations.health.PersistentVolumeClaim': VOLUME_HEALTH,
} as const;

/** The argocd-cm of Argo CD. https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-cm-yaml/ */
function mainSettings(settings: ArgoCdSettings): Record<string, string> {
  const { url, login, hasAdministrator, installation } = settings;
  return {
    ...(url === undefined ? {} : { url }),
    'admin.enabled': String(hasAdministrator),
    'users.anonymous.enabled': 'false',
    'exec.enabled': 'false',
    installationID: installation,
    'application.resourceTrackingMethod': 'annotation',
    // What the account may not list is not watched, instead of nothing being watched.
    'resource.respectRBAC': 'strict',
    'resource.exclusions': EXCLUSIONS,
    ...CUSTOMIZATIONS,
    // What is followed is rendered already: nothing in a repository is run.
    'helm.enable': 'false',
    'kustomize.enable': 'false',
    'jsonnet.enable': 'false',
    ...(login === undefined ? {} : { 'oidc.config': oidc(login) }),
  };
}

/** JSON is YAML; a public client proves itself by PKCE. */
function oidc({ issuer, clientId }: LoginSettings): string {
  const config = {
    name: 'the identity provider',
    issuer,
    clientID: clientId,
    enablePKCEAuthentication: true,
    requestedScopes: ['openid', 'profile', 'email'],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** The argocd-rbac-cm: who is in no named group may log in and see nothing. */
function rbacSettings({ login }: ArgoCdSettings): Record<string, string> {
  if (login === undefined) return { 'policy.default': '' };
  const lines = (groups: readonly string[], role: string) =>
    [...groups].sort(compare).map((group) => `g, ${group}, role:${role}\n`);
  return {
    'policy.default': '',
    'policy.csv': [...lines(login.administrators, 'admin'), ...lines(login.readers, 'readonly')].join(''),
    scopes: `[${login.groupsClaim}]`,
  };
}

/** Makes the ConfigMaps of Argo CD, under the names and the label that it looks for. */
export function makeSettings(
  scope: Construct,
  settings: ArgoCdSettings,
  labels: Readonly<Record<string, string>>,
): void {
  const file = (id: string, name: string, data?: Record<string, string>) =>
    new k8s.KubeConfigMap(scope, id, {
      metadata: {
        name,
        namespace: settings.namespace,
        labels: { ...labels, [PART_OF]: Platform.of(scope).name, ...SETTINGS_LABELS },
      },
      ...(data === undefined ? {} : { data }),
    });
  file('cm', 'argocd-cm', mainSettings(settings));
  file('rbac', 'argocd-rbac-cm', rbacSettings(settings));
  file(
    'known-hosts',
    'argocd-ssh-known-hosts-cm',
    lazily(() => ({
      ssh_known_hosts: settings
        .knownHosts()
        .map((line) => `${line}\n`)
        .join(''),
    })),
  );
  file('tls-certs', 'argocd-tls-certs-cm');
}

/** The cluster as far as it is this Argo CD's: the namespaces that it was given, and nothing that belongs to all. */
export function clusterSecret(namespaces: readonly string[]): Readonly<Record<string, string>> {
  return {
    name: 'in-cluster',
    server: CLUSTER,
    namespaces: [...namespaces].sort(compare).join(','),
    clusterResources: 'false',
    config: '{"tlsClientConfig":{"insecure":false}}',
  };
}
