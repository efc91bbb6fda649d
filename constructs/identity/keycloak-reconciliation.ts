import { Construct } from 'constructs';
import {
  atStep,
  authorityFile,
  type Component,
  type Connections,
  containerSecurityContext,
  cronSchedule,
  DeclaredJob,
  env,
  type ImageReference,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import type { DatabaseAccess } from '../storage';
import { RECONCILE_FILES, RECONCILE_SCRIPT } from './keycloak-reconcile-script';
import type { RealmState } from './keycloak-realm-state';
import { databaseReach, KC_SH, SCRATCH, SOFTWARE, UID } from './keycloak-server';

const STATE_FOLDER = '/etc/keycloak-realm';
const SECRETS_FOLDER = '/run/secrets/keycloak';
const CA_FOLDER = '/etc/keycloak-ca';
export const RECONCILER_ROLE = 'reconcile';

/** A secret that the script finds as a file. */
export interface ReconcilerSecret {
  readonly ref: SecretRef;
  /** Path below the folder of secrets. */
  readonly file: string;
}

export interface KeycloakReconciliationProps {
  readonly image: ImageReference;
  readonly connections: Connections;
  /** `http://keycloak.demo-keycloak.svc.cluster.local:8080` */
  readonly url: string;
  /** In the realm's namespace. @default - the system's authorities, or no TLS */
  readonly certificateAuthority?: SecretRef;
  readonly clientId: SecretRef;
  /** Asked for at synthesis. */
  readonly secrets: () => readonly ReconcilerSecret[];
  readonly database: DatabaseAccess;
  readonly schedule: string;
  /** Asked for at synthesis. */
  readonly state: () => RealmState;
}

/**
 * The Job that brings the realm to what the blueprint declares, once the servers are ready, and the CronJob that does so again and
 * again, so that what somebody changed by hand does not last. Both run the same script on the same state; one try
 * waits up to five minutes for Keycloak.
 */
export class KeycloakReconciliation extends Construct {
  constructor(
    scope: Component,
    id: string,
    private readonly props: KeycloakReconciliationProps,
  ) {
    super(scope, id);
    const labels = scope.labels(SOFTWARE, RECONCILER_ROLE, props.image.version);
    const pod = (configMapName: string): k8s.PodSpec => this.podSpec(configMapName);
    const declared = new DeclaredJob(this, scope, { role: RECONCILER_ROLE, labels, files: () => this.files(), pod });
    const cronJob = new k8s.KubeCronJob(this, 'cron-job', {
      metadata: { name: `${scope.componentName}-${RECONCILER_ROLE}`, namespace: scope.namespace.name, labels },
      spec: {
        schedule: cronSchedule('reconcileSchedule', props.schedule),
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: {
          metadata: { labels },
          // The next one comes soon: a failed one need not be tried again.
          spec: { backoffLimit: 0, activeDeadlineSeconds: 900, template: declared.template(pod) },
        },
      },
    });
    atStep(cronJob, 2);
  }

  private files(): Record<string, string> {
    return {
      [RECONCILE_FILES.script]: RECONCILE_SCRIPT,
      [RECONCILE_FILES.state]: `${JSON.stringify(this.props.state(), undefined, 2)}\n`,
    };
  }

  private podSpec(stateName: string): k8s.PodSpec {
    const { image, url, certificateAuthority: ca, clientId } = this.props;
    const database = databaseReach(this.props.database);
    return {
      // the log of a failed try stays
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: RECONCILER_ROLE,
          image: image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['python3', '-I', `${STATE_FOLDER}/${RECONCILE_FILES.script}`],
          env: [
            env('HOME', '/tmp'),
            env('KEYCLOAK_URL', url),
            env('STATE', `${STATE_FOLDER}/${RECONCILE_FILES.state}`),
            env('SECRETS', SECRETS_FOLDER),
            env('CA_FILE', ca === undefined ? '' : `${CA_FOLDER}/ca.crt`),
            { name: 'CLIENT_ID', valueFrom: { secretKeyRef: { name: clientId.name, key: clientId.key } } },
            env('KC_SH', KC_SH),
            env('JAVA_OPTS_KC_HEAP', '-Xmx256m'),
            ...database.env,
          ],
          securityContext: containerSecurityContext(),
          // The script takes 30Mi; the Java machine that it starts when its client is refused takes the rest.
          resources: resourceRequirements({
            cpu: { request: '50m', limit: '1' },
            memory: { request: '64Mi', limit: '768Mi' },
          }),
          volumeMounts: [
            { name: 'state', mountPath: STATE_FOLDER, readOnly: true },
            { name: 'secrets', mountPath: SECRETS_FOLDER, readOnly: true },
            ...(ca === undefined ? [] : [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }]),
            ...SCRATCH.mounts,
            ...database.mounts,
          ],
        },
      ],
      volumes: [
        { name: 'state', configMap: { name: stateName } },
        {
          name: 'secrets',
          projected: {
            defaultMode: 0o440,
            sources: this.props.secrets().map(({ ref, file }) => ({
              secret: { name: ref.name, items: [{ key: ref.key, path: file }] },
            })),
          },
        },
        ...(ca === undefined ? [] : [authorityFile('ca', ca)]),
        ...SCRATCH.volumes,
        ...database.volumes,
      ],
    };
  }
}
