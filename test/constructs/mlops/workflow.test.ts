import {
  CronWorkflow,
  type CronWorkflowProps,
  gridSearch,
  type IWorkflowEngine,
  type KubernetesManifest,
  type Platform,
  synthesize,
  Workflow,
  type WorkflowProps,
  WorkflowTemplate,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { at, listAt, objectOf } from '../../support/objects';
import { container, makeArgo, PRODUCTION } from './argo-fixture';

const grid = gridSearch({ dim: [50, 100], lr: [0.1, 0.5] });

function training(argo: IWorkflowEngine, platform: Platform, props: Partial<WorkflowProps> = {}): WorkflowTemplate {
  const workflow = new WorkflowTemplate(platform, 'training', { engine: argo, parallelism: 2, ...props });
  const prepare = workflow.addTask({
    name: 'prepare',
    outputs: { digest: '/tmp/digest' },
    container: container(platform, 'prepare'),
  });
  const train = workflow.addFanOut(grid, {
    name: 'train',
    inputs: { data: prepare.output('digest') },
    outputs: { run: '/tmp/run' },
    container: ({ dim, lr }) => container(platform, 'train', '--dim', dim, '--lr', lr),
  });
  workflow.addTask({
    name: 'choose',
    inputs: { runs: train.output('run') },
    retry: { limit: 0 },
    deadlineSeconds: 600,
    container: ({ runs = '' }) => container(platform, 'choose', '--runs', runs),
  });
  return workflow;
}

function spec(platform: Platform, kind = 'WorkflowTemplate', name: string | RegExp = 'training'): KubernetesManifest {
  return objectOf(synthesize(platform), kind, name)['spec'] as KubernetesManifest;
}

describe('a workflow', () => {
  test('runs a step for each combination, and those after it once', () => {
    const { platform, argo } = makeArgo();
    training(argo, platform);
    expect(listAt(spec(platform), 'templates', 0, 'dag', 'tasks')).toMatchInlineSnapshot(`
      [
        {
          "name": "prepare",
          "template": "prepare",
        },
        {
          "arguments": {
            "parameters": [
              {
                "name": "data",
                "value": "{{tasks.prepare.outputs.parameters.digest}}",
              },
              {
                "name": "dim",
                "value": "{{item.dim}}",
              },
              {
                "name": "lr",
                "value": "{{item.lr}}",
              },
            ],
          },
          "dependencies": [
            "prepare",
          ],
          "name": "train",
          "template": "train",
          "withParam": "{{workflow.parameters.train-grid}}",
        },
        {
          "arguments": {
            "parameters": [
              {
                "name": "runs",
                "value": "{{tasks.train.outputs.parameters.run}}",
              },
            ],
          },
          "dependencies": [
            "train",
          ],
          "name": "choose",
          "template": "choose",
        },
      ]
    `);
  });

  test('gives each combination to the program', () => {
    const { platform, argo } = makeArgo();
    training(argo, platform);
    const [, , train] = listAt(spec(platform), 'templates');
    expect(at(train, 'container', 'command')).toEqual([
      'train',
      '--dim',
      '{{inputs.parameters.dim}}',
      '--lr',
      '{{inputs.parameters.lr}}',
    ]);
    expect(at(train, 'inputs')).toEqual({ parameters: [{ name: 'data' }, { name: 'dim' }, { name: 'lr' }] });
    expect(at(train, 'outputs')).toEqual({ parameters: [{ name: 'run', valueFrom: { path: '/tmp/run' } }] });
  });

  test('has its list as a parameter, which whoever submits it may replace', () => {
    const { platform, argo } = makeArgo();
    training(argo, platform, { parameters: { mode: 'full' } });
    expect(at(spec(platform), 'arguments')).toEqual({
      parameters: [
        { name: 'mode', value: 'full' },
        { name: 'train-grid', value: grid.json },
      ],
    });
  });

  test('has the Pods of the platform: bounded, without a token, cleaned up', () => {
    const { platform, argo } = makeArgo();
    training(argo, platform);
    const all = Object.entries(spec(platform));
    const rest = Object.fromEntries(all.filter(([key]) => key !== 'templates' && key !== 'arguments'));
    expect(rest).toMatchInlineSnapshot(`
      {
        "activeDeadlineSeconds": 86400,
        "automountServiceAccountToken": false,
        "entrypoint": "main",
        "executor": {
          "serviceAccountName": "argo-executor",
        },
        "parallelism": 2,
        "podGC": {
          "deleteDelayDuration": "600s",
          "strategy": "OnPodSuccess",
        },
        "podMetadata": {
          "labels": {
            "app.kubernetes.io/component": "step",
            "app.kubernetes.io/instance": "training-step",
            "app.kubernetes.io/managed-by": "bouture",
            "app.kubernetes.io/name": "workflow",
            "app.kubernetes.io/part-of": "demo",
          },
        },
        "securityContext": {
          "fsGroup": 1000,
          "fsGroupChangePolicy": "OnRootMismatch",
          "runAsGroup": 1000,
          "runAsNonRoot": true,
          "runAsUser": 1000,
          "seccompProfile": {
            "type": "RuntimeDefault",
          },
        },
        "serviceAccountName": "argo-executor",
        "ttlStrategy": {
          "secondsAfterFailure": 604800,
          "secondsAfterSuccess": 86400,
        },
        "volumes": [
          {
            "emptyDir": {},
            "name": "scratch",
          },
        ],
        "workflowMetadata": {
          "labels": {
            "app.kubernetes.io/component": "run",
            "app.kubernetes.io/instance": "training-run",
            "app.kubernetes.io/managed-by": "bouture",
            "app.kubernetes.io/name": "workflow",
            "app.kubernetes.io/part-of": "demo",
          },
        },
      }
    `);
    expect(at(spec(platform), 'templates', 1)).toMatchInlineSnapshot(`
      {
        "container": {
          "command": [
            "prepare",
          ],
          "env": [
            {
              "name": "HOME",
              "value": "/tmp",
            },
          ],
          "image": "registry.example.org/library/busybox:1.37@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          "imagePullPolicy": "IfNotPresent",
          "name": "main",
          "resources": {
            "limits": {
              "cpu": "100m",
              "ephemeral-storage": "1Gi",
              "memory": "64Mi",
            },
            "requests": {
              "cpu": "10m",
              "ephemeral-storage": "64Mi",
              "memory": "16Mi",
            },
          },
          "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {
              "drop": [
                "ALL",
              ],
            },
            "privileged": false,
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
          },
          "volumeMounts": [
            {
              "mountPath": "/tmp",
              "name": "scratch",
            },
          ],
          "workingDir": "/tmp",
        },
        "name": "prepare",
        "outputs": {
          "parameters": [
            {
              "name": "digest",
              "valueFrom": {
                "path": "/tmp/digest",
              },
            },
          ],
        },
        "retryStrategy": {
          "backoff": {
            "duration": "30s",
            "factor": "2",
          },
          "limit": "2",
          "retryPolicy": "Always",
        },
      }
    `);
  });

  test('tries again as the workflow says, unless the step says otherwise', () => {
    const { platform, argo } = makeArgo();
    training(argo, platform, { retry: { limit: 5, policy: 'OnError' } });
    const [, , train, choose] = listAt(spec(platform), 'templates');
    const backoff = { duration: '30s', factor: '2' };
    expect(at(train, 'retryStrategy')).toEqual({ limit: '5', retryPolicy: 'OnError', backoff });
    expect(at(choose, 'retryStrategy')).toEqual({ limit: '0', retryPolicy: 'OnError', backoff });
    expect(at(choose, 'activeDeadlineSeconds')).toBe(600);
  });

  test('reaches what its steps report to and keep, and nothing else', () => {
    const { platform, argo } = makeArgo({ apiServer: { cidrs: ['192.0.2.1/32'], ports: [6443] } });
    training(argo, platform);
    const policy = objectOf(synthesize(platform), 'NetworkPolicy', 'training-steps');
    expect(policy.metadata.namespace).toBe('demo-argo-runs');
    expect(listAt(policy, 'spec', 'ingress')).toEqual([]);
    expect(
      listAt(policy, 'spec', 'egress').map((rule) => [
        at(rule, 'to', 0, 'ipBlock', 'cidr'),
        at(rule, 'ports', 0, 'port'),
      ]),
    ).toEqual([
      ['192.0.2.1/32', 6443],
      ['192.0.2.6/32', 443],
    ]);
  });

  test('breaks no rule of the project, in either profile', () => {
    for (const profile of [{}, PRODUCTION]) {
      const { platform, argo } = makeArgo({}, profile);
      training(argo, platform);
      const etl = new CronWorkflow(platform, 'etl', { engine: argo, schedules: ['0 3 * * *'] });
      etl.addTask({ name: 'load', container: container(platform) });
      new Workflow(platform, 'seed', { engine: argo }).addTask({ name: 'load', container: container(platform) });
      const found = checkRules(synthesize(platform), { profile: platform.profile });
      // The stores of this test are somewhere else: they make no Secret.
      const ours = found.filter(({ message }) => !/nobody makes the Secret "argo-db-workflows-ca"/.test(message));
      expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
    }
  });

  test('is seen by the rules, step by step', () => {
    const { platform, argo } = makeArgo();
    const workflow = new WorkflowTemplate(platform, 'loose', { engine: argo });
    const image = { ...platform.images.get('busybox'), reference: 'busybox:latest' };
    const volume = { name: 'host', hostPath: { path: '/var/run' } };
    workflow.addTask({
      name: 'step',
      container: { ...container(platform), image, mounts: [{ volume, mountPath: '/host' }] },
    });
    const rules = checkRules(synthesize(platform), { profile: platform.profile }).map(
      ({ rule, field }) => `${rule} ${field}`,
    );
    expect(rules).toContain('no-latest-tag spec.templates[step].container.image');
    expect(rules).toContain('no-host-path spec.volumes[host].hostPath');
  });
});

describe('what a workflow refuses', () => {
  const workflow = (props: Partial<WorkflowProps> = {}) => {
    const { platform, argo } = makeArgo({ mostPods: 20 });
    return { platform, made: new WorkflowTemplate(platform, 'training', { engine: argo, ...props }) };
  };

  test.each([
    [{ parallelism: 21 }, 'parallelism is a whole number from 1 to 20, given 21'],
    [{ uid: 0 }, 'uid is a whole number from 1'],
    [{ deadlineSeconds: 0 }, 'deadlineSeconds is a whole number from 1'],
  ])('%j', (props, message) => {
    expect(() => workflow(props)).toThrow(message);
  });

  test('two steps of one name', () => {
    const { platform, made } = workflow();
    made.addTask({ name: 'one', container: container(platform) });
    expect(() => made.addTask({ name: 'one', container: container(platform) })).toThrow('the name is taken');
    expect(() => made.addTask({ name: 'main', container: container(platform) })).toThrow('the name is taken');
  });

  test('an output that the step does not give', () => {
    const { platform, made } = workflow();
    const step = made.addTask({ name: 'one', outputs: { run: '/tmp/run' }, container: container(platform) });
    expect(() => step.output('model')).toThrow('step "one" gives no "model": it gives run');
  });

  test('an input with the name of a parameter', () => {
    const { platform, made } = workflow();
    expect(() => made.addFanOut(grid, { name: 'train', inputs: { dim: '1' }, container: container(platform) })).toThrow(
      '"dim" is an input and a parameter',
    );
  });

  test('to be deployed without a step', () => {
    const { platform } = workflow();
    expect(() => synthesize(platform)).toThrow('has no step: give it one by addTask');
  });

  test('a list that would not fit into an object, and tells what to do', () => {
    const many = gridSearch({ seed: Array.from({ length: 2000 }, (_, seed) => seed) });
    const made = (bare: boolean) => {
      const { platform, argo } = makeArgo({ bare });
      const template = new WorkflowTemplate(platform, 'training', { engine: argo });
      template.addFanOut(many, { name: 'train', container: container(platform) });
      return () => synthesize(platform);
    };
    expect(made(true)).toThrow(
      /about \d+ KiB while its 2000 Pods run.*split its grid.*, or give the engine a database/,
    );
    expect(made(false)).not.toThrow();
  });
});

describe('CronWorkflow', () => {
  const cron = (props: Partial<CronWorkflowProps> = {}) => {
    const { platform, argo } = makeArgo();
    const made = new CronWorkflow(platform, 'etl', { engine: argo, schedules: ['0 3 * * *'], ...props });
    made.addTask({ name: 'load', container: container(platform) });
    return platform;
  };

  test('runs by the clock, never twice at once', () => {
    const { workflowSpec, ...rest } = spec(
      cron({ timezone: 'Europe/Paris', stopAfterFailures: 5 }),
      'CronWorkflow',
      'etl',
    ) as unknown as Record<string, unknown>;
    expect(at(workflowSpec, 'entrypoint')).toBe('main');
    expect(rest).toMatchInlineSnapshot(`
      {
        "concurrencyPolicy": "Forbid",
        "failedJobsHistoryLimit": 3,
        "schedules": [
          "0 3 * * *",
        ],
        "startingDeadlineSeconds": 3600,
        "stopStrategy": {
          "expression": "cronworkflow.failed >= 5",
        },
        "successfulJobsHistoryLimit": 3,
        "suspend": false,
        "timezone": "Europe/Paris",
        "workflowMetadata": {
          "labels": {
            "app.kubernetes.io/component": "run",
            "app.kubernetes.io/instance": "etl-run",
            "app.kubernetes.io/managed-by": "bouture",
            "app.kubernetes.io/name": "workflow",
            "app.kubernetes.io/part-of": "demo",
          },
        },
      }
    `);
  });

  test.each([
    [{ schedules: [] }, 'has no schedule'],
    [{ schedules: ['0 3 * * *', '0 25 * * *'] }, '"25" is no hour from 0 to 23'],
    [{ timezone: 'Paris' }, 'time zone "Paris" is not in the database of IANA'],
    [{ startingDeadlineSeconds: 0 }, 'startingDeadlineSeconds is a whole number'],
  ])('refuses %j', (props, message) => {
    expect(() => cron(props)).toThrow(message);
  });
});

describe('Workflow', () => {
  const name = (command: string) => {
    const { platform, argo } = makeArgo();
    new Workflow(platform, 'seed', { engine: argo }).addTask({ name: 'load', container: container(platform, command) });
    return objectOf(synthesize(platform), 'Workflow', /^seed-/);
  };

  test('runs again when anything of it changes', () => {
    expect(name('a').metadata.name).toBe(name('a').metadata.name);
    expect(name('a').metadata.name).not.toBe(name('b').metadata.name);
  });

  test('is kept: one that vanished would be made again', () => {
    const tenYears = 10 * 365 * 24 * 3600;
    expect(at(name('a'), 'spec', 'ttlStrategy')).toEqual({
      secondsAfterSuccess: tenYears,
      secondsAfterFailure: tenYears,
    });
  });
});
