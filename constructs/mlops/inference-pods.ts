import {
  containerSecurityContext,
  env,
  envFromSecret,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import {
  CACHE,
  type InferenceSettings,
  MANAGEMENT_PORT,
  PORT,
  PRE_STOP_SECONDS,
  type SecretVariables,
  SPOOL,
} from './inference-settings';
import { trustedAuthorities } from './trusted-authorities';

/** User that the image runs as. */
const UID = 1000;
const CONFIGURATION = '/etc/inference';
/** File of the configuration in its ConfigMap. */
export const CONFIGURATION_FILE = 'config.json';
/** Name of the volume in which records wait for the store. */
export const SPOOL_VOLUME = 'spool';
/** What a replica may need after its own time-out to close connections. */
const MARGIN_SECONDS = 5;

/** What a replica is made of. */
export interface InferencePod {
  /** Full image reference. */
  readonly image: string;
  readonly serviceAccountName: string;
  readonly configMapName: string;
  readonly secrets: SecretVariables;
  readonly settings: InferenceSettings;
  /** Labels by which replicas are told from others, to be spread over nodes. */
  readonly matchLabels: Readonly<Record<string, string>>;
}

/** The spec of a replica under Pod Security `restricted`: it writes to its cache and its spool, and nowhere else. */
export function inferencePod(pod: InferencePod): k8s.PodSpec {
  const { image, settings, matchLabels } = pod;
  const { records } = settings;
  const trust = trustedAuthorities(authorities(settings), image);
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString('management') } });
  return {
    serviceAccountName: pod.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: PRE_STOP_SECONDS + settings.shutdownSeconds + MARGIN_SECONDS,
    securityContext: podSecurityContext(UID),
    topologySpreadConstraints: [
      {
        topologyKey: 'kubernetes.io/hostname',
        maxSkew: 1,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { ...matchLabels } },
      },
    ],
    ...(trust.init.length === 0 ? {} : { initContainers: [...trust.init] }),
    containers: [
      {
        name: 'inference',
        image,
        imagePullPolicy: 'IfNotPresent',
        env: [
          env('CONFIG_FILE', `${CONFIGURATION}/${CONFIGURATION_FILE}`),
          { name: 'REPLICA_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ...Object.entries(pod.secrets).map(([name, ref]) => envFromSecret(name, ref)),
          ...(trust.file === undefined ? [] : [env('NODE_EXTRA_CA_CERTS', trust.file)]),
        ],
        ports: [
          { name: 'http', containerPort: PORT },
          { name: 'management', containerPort: MANAGEMENT_PORT },
        ],
        resources: resourceRequirements(settings.resources),
        securityContext: containerSecurityContext(),
        volumeMounts: [
          { name: 'configuration', mountPath: CONFIGURATION, readOnly: true },
          { name: 'cache', mountPath: CACHE },
          ...(records === undefined ? [] : [{ name: SPOOL_VOLUME, mountPath: SPOOL }]),
          ...trust.mounts,
        ],
        startupProbe: { ...probe('/healthz'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 60 },
        // The first model may take minutes to come, and none may ever come: that makes a replica unready, and no reason to kill it.
        readinessProbe: { ...probe('/readyz'), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
        livenessProbe: { ...probe('/healthz'), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
        // Until every proxy has forgotten the Pod, it goes on answering.
        lifecycle: { preStop: { exec: { command: ['sleep', String(PRE_STOP_SECONDS)] } } },
      },
    ],
    volumes: [
      { name: 'configuration', configMap: { name: pod.configMapName } },
      { name: 'cache', emptyDir: { sizeLimit: k8s.Quantity.fromString(settings.cacheSize) } },
      ...(records === undefined || records.durability === 'volume'
        ? []
        : [{ name: SPOOL_VOLUME, emptyDir: { sizeLimit: k8s.Quantity.fromString(records.spoolSize) } }]),
      ...trust.volumes,
    ],
  };
}

function authorities({ records, authentication }: InferenceSettings): readonly (SecretRef | undefined)[] {
  return [
    records?.access.endpoint.certificateAuthority,
    authentication.kind === 'bearer' ? authentication.keys.certificateAuthority : undefined,
  ];
}
