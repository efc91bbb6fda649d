import { Construct } from 'constructs';
import {
  atStep,
  authorityFile,
  compare,
  type Component,
  Connections,
  containerSecurityContext,
  cronSchedule,
  DeclaredJob,
  env,
  k8s,
  podSecurityContext,
  resourceRequirements,
  secretFile,
  type SecretRef,
  type TokenKeys,
} from '../platform';
import { ACCESS_FOLDER, authorityMounts, clientEnvironment, UID, type VaultClientProps } from './vault-client';
import { VAULT_CLIENT_SCRIPT } from './vault-keys-script';
import { directoryPolicy, MANAGED_PREFIX, ownDirectory, readOnlyPolicy } from './vault-policies';
import { type VaultWorkload, workloadRole } from './vault-workloads';
import { PROVISIONING_FILES, PROVISIONING_SCRIPT } from './vault-provisioning-script';

const ROLE = 'reconciler';
const SPEC_FOLDER = '/etc/provisioning';
const KEYS_CA_FOLDER = '/etc/identity-ca';
/** How long the Job waits for a store that people unseal; each later run has little patience, for another follows. */
const FIRST_WAIT_SECONDS = 3000;
const LATER_WAIT_SECONDS = 300;
const DEADLINE_SECONDS = 3600;

export interface VaultProvisioningProps extends VaultClientProps {
  /** Address behind which the ready servers are. */
  readonly url: string;
  /** Addresses of all servers. */
  readonly servers: readonly string[];
  readonly access: SecretRef;
  readonly mount: string;
  readonly authPath: string;
  readonly role: string;
  readonly userPrefix: string;
  readonly maxVersions: number;
  readonly keys: TokenKeys;
  /** Claim with the person's name. */
  readonly usernameClaim: string;
  /** Claim with the projects of the person, never empty. */
  readonly directoriesClaim: string;
  readonly audience: string;
  readonly tokenSeconds: number;
  readonly tokenMaxSeconds: number;
  /** What tokens of service accounts of the cluster must be for. @default - they do not log in */
  readonly workloadAudience?: string;
  /** When hand-made changes are corrected, as five fields of cron, in UTC. */
  readonly schedule: string;
}

/**
 * The Job that brings mounts, policies, groups and settings to what the blueprint declares, and the CronJob that does so again
 * now and then, because people with a root token may change them by hand.
 */
export class VaultProvisioning extends Construct {
  readonly connections: Connections;
  private readonly projects = new Map<string, string>();
  private readonly origins = new Set<string>();
  private readonly workloads = new Map<string, { readonly workload: VaultWorkload; readonly directory: string }>();

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: VaultProvisioningProps,
  ) {
    super(component, id);
    const { componentName, namespace } = component;
    this.connections = new Connections(this, 'connections', {
      namespace,
      name: `${componentName}-${ROLE}`,
      podLabels: component.selector(props.flavour, ROLE),
    });
    const declared = new DeclaredJob(this, component, {
      role: ROLE,
      labels: this.labels,
      files: () => this.files(),
      pod: (configMapName) => this.podSpec(configMapName, FIRST_WAIT_SECONDS),
    });
    const cronJob = new k8s.KubeCronJob(this, 'correction', {
      metadata: { name: `${componentName}-${ROLE}`, namespace: namespace.name, labels: this.labels },
      spec: {
        schedule: cronSchedule(`correction schedule of secret store "${componentName}"`, props.schedule),
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels: this.labels },
          spec: {
            backoffLimit: 2,
            activeDeadlineSeconds: DEADLINE_SECONDS,
            template: declared.template((configMapName) => this.podSpec(configMapName, LATER_WAIT_SECONDS)),
          },
        },
      },
    });
    atStep(cronJob, 2);
  }

  /** The directory that the members of a group share. */
  addProject(name: string, directory: string): void {
    this.projects.set(name, directory);
  }

  /** @throws Error when the name is asked for twice */
  addWorkload(workload: VaultWorkload, directory: string): void {
    if (this.workloads.has(workload.name)) {
      throw new Error(
        `workload "${workload.name}" of secret store "${this.component.componentName}" is asked for twice: give one of them another name`,
      );
    }
    this.workloads.set(workload.name, { workload, directory });
  }

  /** Lets scripts of a page call the store. */
  addOrigin(origin: string): void {
    this.origins.add(origin);
  }

  private get labels() {
    return this.component.labels(this.props.flavour, ROLE, this.props.image.version);
  }

  private files(): Record<string, string> {
    const { mount, role, userPrefix, keys, usernameClaim, directoriesClaim, audience, tokenSeconds, tokenMaxSeconds } =
      this.props;
    const { workloadAudience = '' } = this.props;
    const policy = `${MANAGED_PREFIX}user`;
    const workloads = [...this.workloads].sort(([a], [b]) => compare(a, b));
    const projects = [...this.projects].sort(([a], [b]) => compare(a, b));
    return {
      [PROVISIONING_FILES.client]: VAULT_CLIENT_SCRIPT,
      [PROVISIONING_FILES.script]: PROVISIONING_SCRIPT,
      [PROVISIONING_FILES.authentication]: JSON.stringify({
        jwks_url: keys.jwksUrl,
        bound_issuer: keys.issuer,
        default_role: role,
      }),
      // Everything that widens or narrows the role is said, so that no change by hand stays.
      [PROVISIONING_FILES.role]: JSON.stringify({
        role_type: 'jwt',
        bound_audiences: [audience],
        bound_subject: '',
        bound_claims: {},
        bound_claims_type: 'string',
        user_claim: usernameClaim,
        user_claim_json_pointer: false,
        groups_claim: directoriesClaim,
        claim_mappings: {},
        // the clocks of two servers may differ by this much; Vault's own default would accept a token for another minute
        clock_skew_leeway: 10,
        expiration_leeway: 10,
        not_before_leeway: 10,
        token_policies: [policy],
        token_ttl: tokenSeconds,
        token_max_ttl: tokenMaxSeconds,
        token_explicit_max_ttl: 0,
        token_period: 0,
        token_num_uses: 0,
        token_bound_cidrs: [],
        token_no_default_policy: false,
        token_type: 'service',
      }),
      [PROVISIONING_FILES.user]: directoryPolicy(mount, ownDirectory(userPrefix)),
      [PROVISIONING_FILES.projects]: lines(projects.map(([name]) => name)),
      [PROVISIONING_FILES.origins]: lines([...this.origins].sort(compare)),
      [PROVISIONING_FILES.workloads]: lines(workloads.map(([name]) => name)),
      ...Object.fromEntries(
        workloads.flatMap(([name, { workload, directory }]) => [
          [
            PROVISIONING_FILES.workload(name),
            workloadRole(workload, `${MANAGED_PREFIX}workload-${name}`, { audience: workloadAudience, tokenSeconds }),
          ],
          [
            PROVISIONING_FILES.workloadPolicy(name),
            workload.write === true ? directoryPolicy(mount, directory) : readOnlyPolicy(mount, directory),
          ],
        ]),
      ),
      ...Object.fromEntries(
        projects.map(([name, directory]) => [PROVISIONING_FILES.project(name), directoryPolicy(mount, directory)]),
      ),
    };
  }

  private podSpec(stateName: string, waitSeconds: number): k8s.PodSpec {
    const { props } = this;
    const authority = authorityMounts(props);
    const keysCa = props.keys.certificateAuthority;
    return {
      // the log of a failed try stays
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: ROLE,
          image: props.image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SPEC_FOLDER}/${PROVISIONING_FILES.script}`],
          env: [
            ...clientEnvironment(props, props.url, ROLE),
            env('SPEC', SPEC_FOLDER),
            env('SERVERS', props.servers.join(' ')),
            env('MOUNT', props.mount),
            env('MAX_VERSIONS', String(props.maxVersions)),
            env('AUTH_PATH', props.authPath),
            env('ROLE_NAME', props.role),
            env('WORKLOADS', props.workloadAudience === undefined ? 'no' : 'yes'),
            env('JWKS_CA_FILE', keysCa === undefined ? '' : `${KEYS_CA_FOLDER}/ca.crt`),
            env('WAIT_SECONDS', String(waitSeconds)),
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements({
            cpu: { request: '50m', limit: '1' },
            memory: { request: '128Mi', limit: '512Mi' },
          }),
          volumeMounts: [
            { name: 'state', mountPath: SPEC_FOLDER, readOnly: true },
            { name: 'access', mountPath: ACCESS_FOLDER, readOnly: true },
            ...(keysCa === undefined ? [] : [{ name: 'identity-ca', mountPath: KEYS_CA_FOLDER, readOnly: true }]),
            ...authority.volumeMounts,
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'state', configMap: { name: stateName } },
        secretFile('access', props.access, 'reconciler'),
        ...(keysCa === undefined ? [] : [authorityFile('identity-ca', keysCa)]),
        ...authority.volumes,
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
      ],
    };
  }
}

function lines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join('');
}
