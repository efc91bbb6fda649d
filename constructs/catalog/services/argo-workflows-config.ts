import { EXECUTOR_RESOURCES } from '../../mlops/argo-roles';
import type { Expression } from '../expression';
import { choose, text } from '../functions';
import { objectName } from '../object';

/** User that steps of workflows run as unless they say otherwise. */
const STEP_UID = 1000;

const { cpu, memory, ephemeralStorage } = EXECUTOR_RESOURCES;

/** What stands beside each step. */
export const EXECUTOR = `resources:
  requests: { cpu: ${cpu.request}, memory: ${memory.request}, ephemeral-storage: ${ephemeralStorage.request} }
  limits: { cpu: ${cpu.limit}, memory: ${memory.limit}, ephemeral-storage: ${ephemeralStorage.limit} }
securityContext:
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
  readOnlyRootFilesystem: true
  runAsNonRoot: true
`;

/** What workflows are unless they say otherwise: not root, with an account that can do no more than tell results, gone a week after their end. */
export function workflowDefaults(): Expression<string> {
  return text`spec:
  serviceAccountName: ${objectName('executor')}
  automountServiceAccountToken: false
  executor: { serviceAccountName: ${objectName('executor')} }
  securityContext:
    runAsNonRoot: true
    runAsUser: ${STEP_UID}
    runAsGroup: ${STEP_UID}
    fsGroup: ${STEP_UID}
    seccompProfile: { type: RuntimeDefault }
  podGC: { strategy: OnPodSuccess, deleteDelayDuration: 600s }
  ttlStrategy: { secondsAfterCompletion: ${7 * 24 * 3600} }
`;
}

/** Where artifacts and logs are kept. */
export interface Repository {
  readonly bucket: Expression<string>;
  readonly folder: Expression<string>;
  readonly region: Expression<string>;
  /** Host and port of the object store. */
  readonly endpoint: Expression<string>;
  /** Whether the office's own authorities are in the Secret `ca`. */
  readonly hasAuthorities: Expression<boolean>;
}

/** The person's bucket, with the access that they have. */
export function repository({ bucket, folder, region, endpoint, hasAuthorities }: Repository): Expression<string> {
  const secret = objectName('s3');
  const authorities = text`  caSecret: { name: ${objectName('ca')}, key: ca.crt }\n`;
  return text`archiveLogs: true
s3:
  endpoint: "${endpoint}"
  bucket: "${bucket}"
  region: "${region}"
  insecure: false
  keyFormat: "${folder}/{{workflow.name}}/{{pod.name}}"
  accessKeySecret: { name: ${secret}, key: AWS_ACCESS_KEY_ID }
  secretKeySecret: { name: ${secret}, key: AWS_SECRET_ACCESS_KEY }
  sessionTokenSecret: { name: ${secret}, key: AWS_SESSION_TOKEN }
${choose<string>(hasAuthorities, authorities, '')}`;
}
