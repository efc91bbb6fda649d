import { chartFacts, wrongValues } from '../../support/chart-values';
import { type CloudName, CLUSTERS, deployInCloud } from '../../support/clouds';

const CHARTS = {
  aws: ['cluster-autoscaler', 'traefik'],
  gcp: ['traefik'],
  azure: ['traefik'],
} as const;

test.each(Object.keys(CLUSTERS) as CloudName[])(
  'charts that %s is given take every value in its type',
  async (cloud) => {
    const releases = (await deployInCloud(cloud)).all('helm.sh/v3:Release');
    expect(releases.map(({ name }) => name).sort()).toEqual(CHARTS[cloud]);
    for (const { name, inputs } of releases) {
      const facts = chartFacts(name);
      expect(inputs).toMatchObject({ chart: name, version: facts.version });
      expect(wrongValues(facts, inputs['values'])).toEqual([]);
    }
  },
  120_000,
);

describe('a value of a chart', () => {
  const facts = chartFacts('traefik');
  const wrong = (values: unknown) => wrongValues(facts, values);

  test('is found wrong by a typo at any depth', () => {
    expect(wrong({ persistance: { enabled: true } })).toEqual(['persistance: the chart has no such value']);
    expect(wrong({ ingressClass: { default: true } })).toEqual(['ingressClass.default: the chart has no such value']);
  });

  test('is found wrong by its type', () => {
    expect(wrong({ deployment: { replicas: '1' } })).toEqual(['deployment.replicas: string, the chart takes integer']);
    expect(wrong({ persistence: true })).toEqual(['persistence: the chart has no such value']);
  });

  test('is never null: the provider drops it, and the default of the chart stays', () => {
    expect(wrong({ updateStrategy: { rollingUpdate: null } })).toEqual([
      'updateStrategy.rollingUpdate: the chart has no such value',
    ]);
  });

  test('may hold whatever keys where they are not those of the chart', () => {
    expect(wrong({ service: { annotations: { 'a.example.org/b': 'c' } } })).toEqual([]);
  });
});
