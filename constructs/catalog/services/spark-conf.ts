import { containerSecurityContext, podSecurityContext } from '../../platform';
import type { Expression, Input } from '../expression';
import { choose, isSet, release, text, withoutEnd } from '../functions';
import { BASE_NAME, objectName } from '../object';
import { AUTHORITIES } from '../parts/surroundings';
import { JAVA_TRUST_SCRIPT } from './java-trust';

/** Folder in which the notebook and its executors find Spark's configuration. */
export const SPARK_FOLDER = '/opt/bouture/spark';

/** Ports of the driver: its own, that of its data, and that of its web pages. A further session takes the next number. */
export const SPARK_PORTS = { driver: 7078, data: 7079, ui: 4040 } as const;

/** Of a CPU, what an executor is guaranteed: it waits for work most of the time. */
const EXECUTOR_CPU_REQUEST = '200m';
/** Memory of an executor's Pod beyond that of Java, as a part of that: Python's, Arrow's. */
const MEMORY_OVERHEAD = 0.4;

/**
 * What a notebook and its executors begin with: the authorities of the office, and then the program that follows, or an executor. What an
 * executor is told, it is told by Spark's driver in its environment.
 */
export const SPARK_SCRIPT = `#!/bin/bash
set -euo pipefail
${JAVA_TRUST_SCRIPT}
if [ "$1" != executor ]; then
  export SPARK_SUBMIT_OPTS="\${SPARK_SUBMIT_OPTS:-} $JAVA_TRUST"
  exec "$@"
fi
options=()
for ((number = 0; ; number++)); do
  name=SPARK_JAVA_OPT_$number
  [ -n "\${!name+set}" ] || break
  options+=("\${!name}")
done
# shellcheck disable=SC2086 # several options
exec tini -- "$JAVA_HOME/bin/java" "\${options[@]}" $JAVA_TRUST "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \\
  -cp "\${SPARK_CLASSPATH:+$SPARK_CLASSPATH:}$SPARK_HOME/jars/*" org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \\
  --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" --cores "$SPARK_EXECUTOR_CORES" \\
  --app-id "$SPARK_APPLICATION_ID" --hostname "$SPARK_EXECUTOR_POD_IP" --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \\
  --podName "$SPARK_EXECUTOR_POD_NAME"
`;

/** What `spark-defaults.conf` says. */
export interface SparkSettings {
  /** Whether the notebook may make Pods. */
  readonly onKubernetes: Expression<boolean>;
  readonly image: Input<string>;
  readonly driverMemory: Expression<string>;
  readonly minExecutors: Expression<number>;
  readonly maxExecutors: Expression<number>;
  readonly executorCores: Expression<number>;
  readonly executorMemory: Expression<string>;
}

/** An amount as Spark writes it: `2G`. */
function amount(memory: Expression<string>): Expression<string> {
  return withoutEnd(memory, 'i');
}

/**
 * The settings of each session, which a notebook may still change for its own. The object store is the one of the environment: Hadoop puts
 * the variables in when it reads them, in the driver and in each executor. From 4.3 on, Spark would tell executors the address that the driver
 * listens on, every one, in place of its name: https://issues.apache.org/jira/browse/SPARK-58748
 */
export function sparkDefaults(settings: SparkSettings): Expression<string> {
  // Each session would warn of fewer than the least. None is not said: who turns dynamic allocation off would wait for ever.
  const instances = choose<string>(
    isSet(settings.minExecutors),
    text`spark.executor.instances ${settings.minExecutors}`,
    '',
  );
  return text`spark.master ${choose<string>(settings.onKubernetes, 'k8s://https://kubernetes.default.svc:443', 'local[*]')}
spark.submit.deployMode client
spark.authenticate true
spark.network.crypto.enabled true
spark.network.crypto.authEngineVersion 2

spark.driver.host ${objectName('driver')}.${release.namespace}
spark.driver.bindAddress 0.0.0.0
spark.kubernetes.executor.useDriverPodIP false
spark.driver.port ${SPARK_PORTS.driver}
spark.blockManager.port ${SPARK_PORTS.data}
spark.driver.memory ${amount(settings.driverMemory)}
spark.ui.port ${SPARK_PORTS.ui}
spark.ui.killEnabled false

spark.executor.cores ${settings.executorCores}
spark.executor.memory ${amount(settings.executorMemory)}
spark.executor.memoryOverheadFactor ${String(MEMORY_OVERHEAD)}
spark.dynamicAllocation.enabled ${settings.onKubernetes}
spark.dynamicAllocation.minExecutors ${settings.minExecutors}
${instances}
spark.dynamicAllocation.maxExecutors ${settings.maxExecutors}
spark.dynamicAllocation.executorIdleTimeout 120s
spark.dynamicAllocation.shuffleTracking.enabled true
spark.dynamicAllocation.shuffleTracking.timeout 30min

spark.kubernetes.namespace ${release.namespace}
spark.kubernetes.driver.pod.name ${BASE_NAME}-0
spark.kubernetes.container.image ${settings.image}
spark.kubernetes.container.image.pullPolicy IfNotPresent
spark.kubernetes.executor.podTemplateFile ${SPARK_FOLDER}/executor.yaml
spark.kubernetes.executor.podTemplateContainerName executor
spark.kubernetes.executor.disableConfigMap true
spark.kubernetes.executor.request.cores ${EXECUTOR_CPU_REQUEST}
spark.kubernetes.executor.limit.cores ${settings.executorCores}

spark.hadoop.fs.s3a.endpoint \${env.AWS_ENDPOINT_URL:-}
spark.hadoop.fs.s3a.endpoint.region \${env.AWS_DEFAULT_REGION:-us-east-1}
spark.hadoop.fs.s3a.path.style.access \${env.AWS_PATH_STYLE_ACCESS:-true}
spark.hadoop.fs.s3a.aws.credentials.provider software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider
spark.hadoop.fs.s3.impl org.apache.hadoop.fs.s3a.S3AFileSystem
`;
}

/** What is in the Pods of executors beside what Spark puts there. */
export interface ExecutorPod {
  readonly chart: string;
  readonly uid: number;
  readonly gid: number;
  readonly disk: Expression<string>;
  /** As JSON. */
  readonly nodeSelector: Expression<string>;
  /** As JSON. */
  readonly tolerations: Expression<string>;
}

/**
 * The template of executors' Pods: the notebook's user, no token, nothing that Pod Security `restricted` forbids, limits for what the
 * quota counts, the person's object store and the authorities of the office.
 */
export function executorTemplate(pod: ExecutorPod): Expression<string> {
  const { chart, uid, gid, disk, nodeSelector, tolerations } = pod;
  return text`apiVersion: v1
kind: Pod
metadata:
  labels: {"app.kubernetes.io/name": "${chart}-executor", "app.kubernetes.io/instance": "${release.name}"}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  nodeSelector: ${nodeSelector}
  tolerations: ${tolerations}
  securityContext: ${JSON.stringify({ ...podSecurityContext(uid), runAsGroup: gid, fsGroup: gid })}
  containers:
    - name: executor
      command: ["bash", "${SPARK_FOLDER}/start.sh"]
      workingDir: /tmp
      env: [{"name": "HOME", "value": "/tmp"}]
      envFrom: [{"secretRef": {"name": "${objectName('s3')}", "optional": true}}]
      resources:
        requests: {"ephemeral-storage": "100Mi"}
        limits: {"ephemeral-storage": "${disk}"}
      securityContext: ${JSON.stringify(containerSecurityContext())}
      volumeMounts:
        - {"name": "tmp", "mountPath": "/tmp"}
        - {"name": "spark", "mountPath": "${SPARK_FOLDER}", "readOnly": true}
        - {"name": "authorities", "mountPath": "${AUTHORITIES}", "readOnly": true}
  volumes:
    - {"name": "tmp", "emptyDir": {}}
    - {"name": "spark", "configMap": {"name": "${objectName('spark')}"}}
    - {"name": "authorities", "configMap": {"name": "${objectName('ca')}", "optional": true}}
`;
}
