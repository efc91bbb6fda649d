import { z } from 'zod';
import type { ArgoProduct } from '../../constructs/catalog/services/names';
import { SpaceNames } from '../../constructs/platform/spaces';
import { host } from '../config/hosts';
import { registry } from '../config/image-references';
import { label, objectName, qualifiedName, refusal } from '../config/names';
import { bytes, cpu, memory, milliCpu, storageSize } from '../config/quantities';
import { choice, scalar, wholeNumber } from '../config/scalar';
import { pem } from './authority';

/** Seconds of a day. */
const DAY = 86_400;

const prefix = (own: 'userPrefix' | 'projectPrefix', fallback: string, what: string) =>
  scalar('a beginning of names, such as user-', (text) => {
    const message = refusal(
      () =>
        new SpaceNames(
          own === 'userPrefix' ? { [own]: text, projectPrefix: 'zz-' } : { [own]: text, userPrefix: 'zz-' },
        ),
    );
    return message === undefined ? undefined : { message };
  })
    .default(fallback)
    .describe(`What the namespace, the bucket and the directory of secrets of ${what} begin with. Chosen once.`);

/** What bounds a space. */
const bounds = {
  cpu: cpu().describe('CPU of all its Pods together.'),
  memory: memory().describe('Memory of all its Pods together.'),
  storage: storageSize().describe('Size of all its volumes together.'),
  pods: wholeNumber('a number of Pods', 1, 10000).describe('Pods at the same time.'),
  gpus: wholeNumber('a number of GPUs', 0, 1000).describe('GPUs (nvidia.com/gpu) of all its Pods together.'),
  devices: z
    .record(qualifiedName(), wholeNumber('a number of devices', 0, 1000))
    .describe('The same for other resources of gpu.pools, such as nvidia.com/mig-1g.10gb. Default: none of any.'),
};

/** Finds a quota with which nobody could start anything. */
function letsServicesStart({
  value,
  issues,
}: z.core.ParsePayload<{ readonly cpu?: string; readonly memory?: string }>): void {
  if (issues.length > 0) return;
  const enough = {
    cpu: value.cpu === undefined || (milliCpu(value.cpu) ?? 0) >= 100,
    memory: value.memory === undefined || (bytes(value.memory) ?? 0) >= 2 ** 28,
  };
  for (const key of ['cpu', 'memory'] as const) {
    if (enough[key]) continue;
    const message = 'no service could start with so little';
    issues.push({ code: 'custom', input: value[key], path: [key], message });
  }
}

/** What one space may hold, where it differs from the default. @param defaults of cpu, memory and storage, for people */
const spaceQuota = (defaults: { readonly cpu: string; readonly memory: string; readonly storage: string }) =>
  z
    .strictObject({
      cpu: bounds.cpu.default(defaults.cpu),
      memory: bounds.memory.default(defaults.memory),
      storage: bounds.storage.default(defaults.storage),
      pods: bounds.pods.default(50),
      gpus: bounds.gpus.default(0),
      devices: bounds.devices.exactOptional(),
    })
    .check(letsServicesStart)
    .prefault({});

const own = {
  cpu: bounds.cpu.exactOptional(),
  memory: bounds.memory.exactOptional(),
  storage: bounds.storage.exactOptional(),
  pods: bounds.pods.exactOptional(),
  gpus: bounds.gpus.exactOptional(),
};

/** What users with a role may have instead. Onyxia counts by role, and it counts no other devices. */
const roleQuota = z.strictObject(own).check(letsServicesStart);

/** What one project may have instead. */
const projectQuota = z.strictObject({ ...own, devices: bounds.devices.exactOptional() }).check(letsServicesStart);

const definitions = (kinds: string) => choice('install', 'existing').exactOptional().describe(kinds);

/** `people`: how the spaces of people are named and what they may hold. */
export const people = z
  .strictObject({
    userPrefix: prefix('userPrefix', 'user-', 'a user'),
    projectPrefix: prefix('projectPrefix', 'projet-', 'a project'),
    userQuota: spaceQuota({ cpu: '10', memory: '32Gi', storage: '100Gi' }).describe(
      'What the space of each user may hold.',
    ),
    projectQuota: spaceQuota({ cpu: '20', memory: '64Gi', storage: '500Gi' }).describe(
      'What the space of each project may hold.',
    ),
    roleQuotas: z
      .record(label(), roleQuota)
      .exactOptional()
      .describe(
        'What users with a role may have instead, by role; what is left out is as for every user. Default: nothing.',
      ),
    credentialSeconds: wholeNumber('a number of seconds', 900, 7 * DAY)
      .exactOptional()
      .describe(
        'How long credentials of the object store live: how long somebody who left a project may still reach its bucket, and how long a job may run ' +
          'without new ones. Default: 86400; at a store of somebody else 43200, and AWS and Ceph take 3600 to 43200.',
      ),
    registries: z
      .array(registry())
      .min(1)
      .max(50)
      .exactOptional()
      .describe(
        'Registries that images of people come from. The mirror of `images` is one more. Default: every registry.',
      ),
    privateRegistries: z
      .array(registry())
      .min(1)
      .max(50)
      .exactOptional()
      .describe(
        'Registries whose images are not for everybody: Pods pull them at every start, with credentials of their own, so that a node gives nobody ' +
          'what it has pulled for others. Default: none.',
      ),
    internet: z.boolean().default(false).describe('Services of people may call the world outside the cluster.'),
    services: z
      .strictObject({
        domain: host().describe('Services of people get hosts below it, with a wildcard in DNS: lab.example.org.'),
        ingressClassName: objectName().describe('IngressClass of the Ingress that each service makes.'),
        certificateAuthority: z
          .strictObject({ pem: pem.describe('The certificates themselves, which are no secret.') })
          .exactOptional()
          .describe(
            'Authority that signed the certificates of the hosts of this platform: services of people, and Onyxia, trust it beside the ' +
              'public ones. Default: a public one.',
          ),
      })
      .exactOptional()
      .describe('How services of people are reached. Default: from inside the cluster only; Onyxia needs it.'),
    resourceDefinitions: z
      .strictObject({
        'argo-workflows': definitions('Workflow, WorkflowTemplate, CronWorkflow and the others of Argo Workflows.'),
        'argo-cd': definitions('Application, ApplicationSet and AppProject of Argo CD.'),
      } satisfies Record<ArgoProduct, unknown>)
      .exactOptional()
      .describe(
        'Whose kinds people may have in their spaces that Kubernetes does not know by itself. install: the platform makes their definitions. ' +
          'existing: the cluster has them already, by somebody else or by another platform, and this one neither makes nor removes them. ' +
          "Default: install for what onyxia's catalog with the services of this library starts, and nothing else.",
      ),
    projects: z
      .array(
        z.strictObject({
          name: label(40).describe(
            'Name of the project: of its group of people, and behind the prefix of its namespace, bucket and directory.',
          ),
          quota: projectQuota
            .exactOptional()
            .describe('What this project may hold; what is left out is as for every project. Default: nothing.'),
        }),
      )
      .max(2000)
      .default([])
      .describe('Groups of people who work together.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const { userPrefix, projectPrefix, projects } = value;
    const overlap = refusal(() => new SpaceNames({ userPrefix, projectPrefix }));
    if (overlap !== undefined) {
      issues.push({ code: 'custom', input: projectPrefix, path: ['projectPrefix'], message: overlap });
      return;
    }
    const names = new SpaceNames({ userPrefix, projectPrefix });
    const seen = new Set<string>();
    for (const [index, { name }] of projects.entries()) {
      const message = seen.has(name) ? 'another project has this name already' : refusal(() => names.project(name));
      if (message !== undefined)
        issues.push({ code: 'custom', input: name, path: ['projects', index, 'name'], message });
      seen.add(name);
    }
  })
  .prefault({})
  .describe('How the spaces of people are named, what they may hold, and which projects there are.');
