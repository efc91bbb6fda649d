import type { Expression } from '../expression';
import { allOf, choose, isSet, json, sha256, text, when } from '../functions';
import { customObject, object, objectName } from '../object';
import { injectedText } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';
import { selectorLabels } from '../workload';
import { executorTemplate, SPARK_FOLDER, SPARK_PORTS as PORTS, SPARK_SCRIPT, sparkDefaults } from './spark-conf';

/** Values of other parts that this one reads. */
interface SharedValues {
  readonly kubernetes: { readonly enabled: Expression<boolean> };
  readonly service: {
    readonly image: {
      readonly isCustom: Expression<boolean>;
      readonly custom: Expression<string>;
      readonly version: Expression<string>;
    };
  };
  readonly ingress: {
    readonly enabled: Expression<boolean>;
    readonly ingressClassName: Expression<string>;
    readonly useCertManager: Expression<boolean>;
    readonly certManagerClusterIssuer: Expression<string>;
  };
  readonly nodeSelector: Expression<Readonly<Record<string, string>>>;
  readonly tolerations: Expression<readonly unknown[]>;
}

export interface SparkProps {
  /** Number of the user that executors run as. */
  readonly uid: number;
  /** Number of the group of their files. */
  readonly gid: number;
}

/**
 * Spark on Kubernetes for a notebook: the session of a notebook is the driver, and its executors are Pods of the same namespace with the
 * notebook's image. They come when there is work, go when there is none, and go with the notebook. Driver and executors know each other by a
 * secret of the session, and what they say to each other is encrypted.
 *
 * It reads values of the parts `image`, `ingress`, `kubernetesRole`, `nodeSelector` and `tolerations`, which the service has as well; without
 * an account of the API, Spark computes in the notebook alone.
 */
export function spark({ uid, gid }: SparkProps) {
  return definePart(
    {
      spark: value.group(
        {
          title: 'Spark',
          description: {
            en: 'Executors are Pods of your namespace: all of them together count in its quota.',
            fr: 'Les exécuteurs sont des Pods de votre espace : ils comptent tous dans son quota.',
          },
        },
        {
          driverMemory: value.amount({
            default: '2Gi',
            unit: 'Gi',
            min: 1,
            max: 64,
            title: { en: 'Memory of the driver', fr: 'Mémoire du pilote' },
            description: {
              en: 'Of the memory that the notebook has.',
              fr: 'Prise sur la mémoire du notebook.',
            },
          }),
          minExecutors: value.whole({
            default: 0,
            minimum: 0,
            title: { en: 'Executors that always run', fr: 'Exécuteurs toujours présents' },
          }),
          maxExecutors: value.whole({
            default: 4,
            minimum: 1,
            title: { en: 'Executors at most', fr: 'Exécuteurs au plus' },
          }),
          executorCores: value.whole({
            default: 1,
            minimum: 1,
            title: { en: 'CPUs of an executor', fr: 'CPU d’un exécuteur' },
          }),
          executorMemory: value.amount({
            default: '2Gi',
            unit: 'Gi',
            min: 1,
            max: 64,
            title: { en: 'Memory of an executor for Java', fr: 'Mémoire d’un exécuteur pour Java' },
            description: {
              en: 'Its Pod has 40 % more, for Python.',
              fr: 'Son Pod en a 40 % de plus, pour Python.',
            },
          }),
          executorDisk: value.amount({
            default: '5Gi',
            unit: 'Gi',
            min: 1,
            max: 100,
            title: { en: 'Disk of an executor', fr: 'Disque d’un exécuteur' },
          }),
          ui: value.group(
            { title: { en: 'Pages of Spark', fr: 'Pages de Spark' } },
            {
              enabled: value.flag({
                default: false,
                title: { en: 'Reach them from outside', fr: 'Les atteindre de l’extérieur' },
                description: {
                  en: 'They ask for no password: whoever knows their address sees your jobs.',
                  fr: 'Elles ne demandent pas de mot de passe : qui connaît leur adresse voit vos calculs.',
                },
              }),
              hostname: value.text({
                default: '',
                hidden: true,
                pattern: '^[a-z0-9.-]*$',
                from: injectedText`${'project.id'}-${'k8s.randomSubdomain'}-spark.${'k8s.domain'}`,
              }),
            },
          ),
        },
      ),
    },
    (values, { chart }) => {
      const { kubernetes, service, ingress, nodeSelector, tolerations } = values as unknown as SharedValues;
      const { ui } = values.spark;
      const driver = objectName('driver');
      return {
        env: [{ name: 'SPARK_CONF_DIR', value: SPARK_FOLDER }],
        volumes: [{ name: 'spark', configMap: { name: objectName('spark') } }],
        mounts: [{ name: 'spark', mountPath: SPARK_FOLDER, readOnly: true }],
        ports: [
          { name: 'driver', containerPort: PORTS.driver, protocol: 'TCP' },
          { name: 'data', containerPort: PORTS.data, protocol: 'TCP' },
          { name: 'spark-ui', containerPort: PORTS.ui, protocol: 'TCP' },
        ],
        podAnnotations: { 'bouture.dev/spark': sha256(json(values.spark)) },
        objects: [
          object('ConfigMap', 'spark', {
            data: {
              'start.sh': SPARK_SCRIPT,
              'spark-defaults.conf': sparkDefaults({
                onKubernetes: kubernetes.enabled,
                image: choose<string>(service.image.isCustom, service.image.custom, service.image.version),
                driverMemory: values.spark.driverMemory,
                minExecutors: values.spark.minExecutors,
                maxExecutors: values.spark.maxExecutors,
                executorCores: values.spark.executorCores,
                executorMemory: values.spark.executorMemory,
              }),
              'executor.yaml': executorTemplate({
                chart,
                uid,
                gid,
                disk: values.spark.executorDisk,
                nodeSelector: json(nodeSelector),
                tolerations: json(tolerations),
              }),
            },
          }),
          // Headless: executors find the driver under a name that leads to its Pod, whatever port a session took.
          customObject('v1', 'Service', 'driver', {
            spec: {
              type: 'ClusterIP',
              clusterIP: 'None',
              publishNotReadyAddresses: true,
              selector: selectorLabels(chart),
              ports: [
                { name: 'driver', port: PORTS.driver, targetPort: 'driver', protocol: 'TCP' },
                { name: 'data', port: PORTS.data, targetPort: 'data', protocol: 'TCP' },
                { name: 'spark-ui', port: PORTS.ui, targetPort: 'spark-ui', protocol: 'TCP' },
              ],
            },
          }),
          when(
            allOf(ingress.enabled, ui.enabled, isSet(ui.hostname)),
            object(
              'Ingress',
              'spark',
              {
                spec: {
                  ingressClassName: when(isSet(ingress.ingressClassName), ingress.ingressClassName),
                  tls: [
                    {
                      hosts: [ui.hostname],
                      secretName: when(ingress.useCertManager, text`${objectName('spark')}-tls`),
                    },
                  ],
                  rules: [
                    {
                      host: ui.hostname,
                      http: {
                        paths: [
                          {
                            path: '/',
                            pathType: 'Prefix',
                            backend: { service: { name: driver, port: { name: 'spark-ui' } } },
                          },
                        ],
                      },
                    },
                  ],
                },
              },
              {
                annotations: {
                  'cert-manager.io/cluster-issuer': when(ingress.useCertManager, ingress.certManagerClusterIssuer),
                },
              },
            ),
          ),
        ],
      };
    },
  );
}
