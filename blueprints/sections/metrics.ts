import { z } from 'zod';
import { port } from '../config/hosts';
import { labelValue, objectName, qualifiedName } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { scalar, wholeNumber } from '../config/scalar';
import { exactlyOne } from './choice';
import { foreignPods } from './installation';

const url = (what: string, example: string) =>
  scalar(`a URL such as ${example}`, (value) => {
    if (!/^https?:\/\//.test(value) || !URL.canParse(value))
      return { message: `${what} is a URL with https:// or http://` };
    const { username, password } = new URL(value);
    return username === '' && password === '' ? undefined : { message: 'a URL holds no user name and no password' };
  });

const labels = z.record(qualifiedName(), labelValue());

/** A Service of the cluster, and the Pods behind it. */
const service = (what: string, number: number) =>
  foreignPods(what).extend({
    service: objectName().describe('Name of the Service.'),
    port: port().default(number).describe('Port of the Service.'),
    containerPort: port().exactOptional().describe('Port of the container. Default: that of the Service.'),
  });

const intervalSeconds = wholeNumber('a number of seconds', 5, 300)
  .default(30)
  .describe('Seconds between two readings.');

const prometheus = z
  .strictObject({
    retentionDays: wholeNumber('a number of days', 1, 3650).default(15).describe('Days that numbers are kept.'),
    volumeSize: storageSize()
      .refine((size) => /[KMGT]i$/.test(size) && !size.endsWith('Ki'), 'say it in Mi, Gi or Ti')
      .default('10Gi')
      .describe('Size of its volume, in Mi, Gi or Ti. When four fifths are full, the oldest numbers go.'),
    intervalSeconds,
    kubeState: service('kube-state-metrics, which tells of Jobs, CronJobs and Pods.', 8080)
      .exactOptional()
      .describe('Where kube-state-metrics of the cluster is. Default: nobody watches Jobs, CronJobs and Pods.'),
    alertmanager: service('The Alertmanager, which brings alerts to people.', 9093)
      .exactOptional()
      .describe('Where the Alertmanager of the cluster is. Default: alerts are shown, and sent to nobody.'),
    allowFrom: foreignPods('Pods that may ask it, such as Grafana.').exactOptional(),
    resources: resources('100m to 1 CPU and 256Mi to 1Gi').exactOptional(),
  })
  .describe('A small Prometheus of its own, for a cluster that has none.');

const operator = z
  .strictObject({
    prometheus: foreignPods('Pods of the Prometheus that reads. Its own namespace must let it out.'),
    objectLabels: labels
      .exactOptional()
      .describe('Labels by which it selects ServiceMonitors and rules. Default: none, for it selects all.'),
    kubeState: z
      .boolean()
      .default(true)
      .describe('It reads kube-state-metrics: watch Jobs, CronJobs and Pods of the platform, too.'),
    intervalSeconds,
  })
  .describe('The Prometheus of a cluster that has the Prometheus operator.');

/** `metrics`: who watches the platform. */
export const metrics = exactlyOne(
  { prometheus, operator },
  {
    runbooksUrl: url('the address', 'https://wiki.example.org/runbooks')
      .exactOptional()
      .describe('Address of the folder of the runbooks. Default: alerts name the page in docs/runbooks.'),
    dashboardLabels: labels
      .exactOptional()
      .describe("Labels by which Grafana's sidecar finds dashboards. Default: grafana_dashboard: '1'."),
    servicesUrl: url('the address', 'https://grafana.example.org/d/pods?var-namespace=$NAMESPACE&var-release=$INSTANCE')
      .refine((text) => text.includes('$NAMESPACE'), 'without $NAMESPACE, everybody would see the same page')
      .exactOptional()
      .describe(
        'Page about a service that somebody runs, with $NAMESPACE and $INSTANCE: Onyxia links to it. Default: no link.',
      ),
  },
).describe('Who watches the platform: counters, alerts and dashboards of every part. Left out, nobody does.');
