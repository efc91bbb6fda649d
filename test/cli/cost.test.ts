import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import { costOf, costTable, type PlatformCost } from '../../blueprints/costs';
import { synthesizeConfig } from '../../blueprints/load';
import { run } from '../../cli/commands/cost';
import { Component, Layer, type Platform, synthesize } from '../../constructs';
import { capture } from './capture';
import { testPlatform } from '../support/platform';

const CONFIG = join(__dirname, '../../blueprints/nace-coding/config.yaml');
const GI = 2 ** 30;

class Part extends Component {
  constructor(scope: Platform, id: string) {
    super(scope, id, Layer.PLATFORM);
  }

  add(kind: string, name: string, spec: unknown): void {
    const apiVersion = kind === 'HorizontalPodAutoscaler' ? 'autoscaling/v2' : 'apps/v1';
    new ApiObject(this, name, { apiVersion, kind, metadata: { name, namespace: this.namespace.name }, spec });
  }
}

const needs = (cpu: string, memory: string) => {
  const amount = { cpu, memory, 'ephemeral-storage': '1Gi' };
  return { requests: amount, limits: amount };
};
const container = (cpu: string, memory: string, more: object = {}) => ({
  name: 'c',
  resources: needs(cpu, memory),
  ...more,
});
const pod = (containers: object[], initContainers: object[] = []) => ({ spec: { containers, initContainers } });

function platformWith(build: (part: Part) => void): PlatformCost {
  const platform = testPlatform();
  build(new Part(platform, 'part'));
  return costOf(synthesize(platform));
}

test('adds up containers and multiplies by replicas', () => {
  const { total } = platformWith((part) => {
    part.add('Deployment', 'web', { replicas: 3, template: pod([container('100m', '1Gi'), container('0.5', '1Gi')]) });
  });
  expect(total.pods).toEqual({ least: 3, most: 3 });
  expect(total.least.cpu).toEqual({ request: 1800, limit: 1800 });
  expect(total.most.memory.request).toBe(6 * GI);
  expect(total.least.localDisk.limit).toBe(6 * GI);
});

test('counts the init container that needs most, and one that stays with the others', () => {
  const { total } = platformWith((part) => {
    part.add('Deployment', 'peak', { template: pod([container('1', '1Gi')], [container('3', '512Mi')]) });
  });
  expect(total.least.cpu.request).toBe(3000);
  expect(total.least.memory.request).toBe(GI);
  const stays = platformWith((part) => {
    const sidecar = container('1', '1Gi', { restartPolicy: 'Always' });
    part.add('Deployment', 'peak', { template: pod([container('1', '1Gi')], [sidecar, container('2', '1Gi')]) });
  });
  expect(stays.total.least.cpu.request).toBe(3000);
  expect(stays.total.least.memory.request).toBe(2 * GI);
});

test('a workload that follows the load has bounds', () => {
  const { running } = platformWith((part) => {
    part.add('Deployment', 'web', { template: pod([container('1', '1Gi')]) });
    part.add('HorizontalPodAutoscaler', 'scaler', {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 5,
    });
  });
  expect(running).toMatchObject([
    { pods: { least: 2, most: 5 }, least: { cpu: { request: 2000 } }, most: { cpu: { request: 5000 } } },
  ]);
});

test('volumes of each replica, and claims that stand alone, are counted', () => {
  const claim = (storage: string) => ({ resources: { requests: { storage } } });
  const { total } = platformWith((part) => {
    const volumeClaimTemplates = [{ spec: claim('5Gi') }, { spec: claim('1Gi') }];
    part.add('StatefulSet', 'store', { replicas: 4, template: pod([container('1', '1Gi')]), volumeClaimTemplates });
    part.add('PersistentVolumeClaim', 'cache', claim('10Gi'));
  });
  expect(total.volumes).toBe(34 * GI);
});

test('what comes and goes is told apart', () => {
  const { total, passing } = platformWith((part) => {
    const spec = { parallelism: 2, template: pod([container('1', '1Gi')]) };
    part.add('CronJob', 'backup', { schedule: '0 2 * * *', jobTemplate: { spec } });
    part.add('Job', 'migration', { template: pod([container('1', '1Gi')]) });
  });
  expect(total.pods.most).toBe(0);
  expect(passing).toMatchObject([
    { name: 'backup', schedule: '0 2 * * *', pods: 2, needs: { cpu: { request: 2000 } } },
    { name: 'migration', pods: 1 },
  ]);
  expect(passing[1]).not.toHaveProperty('schedule');
});

test('a container that does not say what it needs is no guess', () => {
  const silent = { name: 'silent', resources: { requests: { cpu: '1' } } };
  expect(() =>
    platformWith((part) => {
      part.add('Deployment', 'web', { template: pod([silent]) });
    }),
  ).toThrow('container "silent" states no cpu among its limits');
});

test('the command tells every component with its namespace, and the total', async () => {
  const { code, out } = await capture(run, [CONFIG]);
  expect(code).toBe(0);
  const synthesis = synthesizeConfig(CONFIG);
  const { running, passing } = costOf(synthesis);
  for (const { component, namespace } of [...running, ...passing]) {
    expect(out).toMatch(new RegExp(`^ {2}${component} +${namespace} `, 'm'));
  }
  expect(out).toMatch(/^ {2}together +\d+/m);
  expect(out).toMatch(/^ {2}mlflow +\S+ +mlflow-gc +30 2 \* \* \* /m);
});

test('as JSON, rows add up to the total', async () => {
  const { out } = await capture(run, [CONFIG], { json: true });
  const { running, total } = JSON.parse(out) as PlatformCost;
  for (const what of ['cpu', 'memory', 'localDisk'] as const) {
    const request = running.reduce((all, { least }) => all + least[what].request, 0);
    expect(total.least[what].request).toBe(request);
  }
  expect(total.volumes).toBe(running.reduce((all, { volumes }) => all + volumes, 0));
});

test('what the README of a blueprint says is what the command says', () => {
  const synthesis = synthesizeConfig(CONFIG);
  const { total } = costOf(synthesis);
  expect(costTable(synthesis)).toContain(`| **together** | ${total.pods.least} | ${total.least.cpu.request / 1000} (`);
});

test('a configuration that cannot be used is told, and nothing is counted', async () => {
  const { code, out } = await capture(run, ['no-such-file.yaml']);
  expect(code).toBe(2);
  expect(out).toBe('');
});
