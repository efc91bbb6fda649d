import {
  type CatalogService,
  digestOf,
  jupyterlabService,
  OnyxiaCatalog,
  type Platform,
  postgresqlService,
  readPackage,
  synthesize,
  UserSpaces,
} from '../../../constructs';
import { withinQuotas } from '../../../constructs/onyxia/affordable';
import { overrideSchemas, type SchemaOverrides } from '../../../constructs/onyxia/schema-overrides';
import { checkRules } from '../../../constructs/platform/rules';
import { at, listAt, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';
import { image } from '../catalog/fixture';
import { make, PRODUCTION } from './fakes';

const SERVICES: readonly CatalogService[] = [
  postgresqlService({ image: image('postgres') }),
  jupyterlabService({ images: [image('jupyter-python')] }),
];

/** Files that the ConfigMaps of a platform hold. */
function filesOf(platform: Platform): Record<string, Buffer> {
  const maps = synthesize(platform).objects.map(({ manifest }) => at(manifest, 'binaryData') as object | undefined);
  return Object.fromEntries(
    maps
      .flatMap((data) => Object.entries<string>({ ...data }))
      .map(([name, text]) => [name, Buffer.from(text, 'base64')]),
  );
}

describe('a catalog that the platform serves', () => {
  test('holds the index and the packages that it names, to the byte', () => {
    const platform = testPlatform();
    new OnyxiaCatalog(platform, 'catalog', { services: SERVICES });
    const files = filesOf(platform);
    expect(Object.keys(files).sort()).toEqual(['index.yaml', 'jupyter-python-1.0.0.tgz', 'postgresql-1.0.0.tgz']);
    for (const [name, bytes] of Object.entries(files)) {
      if (name === 'index.yaml') continue;
      expect(files['index.yaml']?.toString()).toContain(`digest: ${digestOf(bytes)}`);
      expect(readPackage(name, bytes).files.get('values.schema.json')).toBeDefined();
    }
  });

  test('is the same for the same services, and rolls out with another one', () => {
    const [plain, again, french] = (['en', 'en', 'fr'] as const).map((language) => {
      const platform = testPlatform();
      new OnyxiaCatalog(platform, 'catalog', { services: SERVICES, language });
      return JSON.stringify(synthesize(platform).objects);
    });
    expect(plain).toBe(again);
    expect(plain).not.toBe(french);
  });

  test('fits into as many ConfigMaps as it needs', () => {
    const released = Array.from({ length: 12 }, (_, version) => ({
      metadata: { ...METADATA, version: `0.0.${version}` },
      bytes: Buffer.alloc(150 * 1024, version),
    }));
    const platform = testPlatform();
    new OnyxiaCatalog(platform, 'catalog', { services: SERVICES, released });
    const pod = at(objectOf(synthesize(platform), 'Deployment', 'catalog-catalog'), 'spec', 'template', 'spec');
    const sources = listAt(pod, 'volumes', 0, 'projected', 'sources');
    expect(sources.length).toBeGreaterThan(2);
    expect(Object.keys(filesOf(platform))).toHaveLength(15);
    const tooLarge = { metadata: METADATA, bytes: Buffer.alloc(1024 * 1024) };
    expect(() => new OnyxiaCatalog(testPlatform(), 'catalog', { services: SERVICES, released: [tooLarge] })).toThrow(
      /survey-1\.0\.0\.tgz has 1048576 bytes: a ConfigMap holds no more/,
    );
  });

  test('is reached by Onyxia and by nobody else, and passes the rules in production', () => {
    const { platform } = make((around) => {
      const catalog = new OnyxiaCatalog(around, 'catalog', { services: SERVICES });
      return { catalogs: [{ id: 'services', name: 'Services', location: catalog.location }] };
    }, PRODUCTION);
    const synthesis = synthesize(platform);
    expect(checkRules(synthesis, { profile: 'production' })).toEqual([]);
    const [settings] = synthesis.objects.filter(({ manifest }) => at(manifest, 'data', 'catalogs') !== undefined);
    expect(at(settings?.manifest, 'data', 'catalogs')).toContain(
      '"location":"http://catalog-catalog.demo-catalog.svc.cluster.local:80"',
    );
    const policy = objectOf(synthesis, 'NetworkPolicy', 'catalog-catalog');
    expect(JSON.stringify(at(policy, 'spec', 'ingress'))).toMatch(/"onyxia-api".*8080/);
    expect(listAt(policy, 'spec', 'ingress')).toHaveLength(1);
    expect(at(objectOf(synthesis, 'Deployment', 'catalog-catalog'), 'spec', 'replicas')).toBe(2);
  });

  test('refuses a number of Pods that is none', () => {
    expect(() => new OnyxiaCatalog(testPlatform(), 'catalog', { services: SERVICES, replicas: 0 })).toThrow(/1 to 20/);
  });
});

const METADATA = {
  apiVersion: 'v2',
  name: 'survey',
  version: '1.0.0',
  appVersion: '1',
  type: 'application',
  kubeVersion: '>=1.30.0-0',
  description: 'x',
  icon: 'data:,',
  home: 'https://example.org',
  keywords: [],
  sources: [],
  annotations: {},
} as const;

describe('sliders', () => {
  const spaces = (platform: Platform) =>
    new UserSpaces(platform, 'spaces', {
      userQuota: { cpu: '10', memory: '32Gi', storage: '100Gi' },
      roleQuotas: { 'gpu-user': { cpu: '500m', memory: '1500Mi', storage: '5Gi' } },
    });

  test('end where the quota ends, and several services fit at first', () => {
    const settings = withinQuotas({}, spaces(testPlatform()));
    expect(settings).toMatchObject({
      cpu: { max: 10_000, limit: 2500, request: 100 },
      memory: { max: 32, limit: 8, request: 2 },
      disk: { max: 100, size: 10 },
      roles: {
        'gpu-user': {
          cpu: { max: 500, limit: 100, request: 100 },
          memory: { max: 1, limit: 1, request: 1 },
          disk: { max: 5, size: 1 },
        },
      },
    });
  });

  test('are the office’s where it says something', () => {
    const cpu = { max: 4000 };
    const settings = withinQuotas({ cpu, roles: { 'gpu-user': { cpu } } }, spaces(testPlatform()));
    expect(settings).toMatchObject({ cpu, memory: { max: 32 }, roles: { 'gpu-user': { cpu, memory: { max: 1 } } } });
  });

  test('let nobody choose GPUs that the quota would refuse, and everybody a start without', () => {
    const around = new UserSpaces(testPlatform(), 'spaces', {
      userQuota: { devices: { 'nvidia.com/mig-1g.5gb': 1 } },
      roleQuotas: { 'gpu-user': { gpus: 2 } },
    });
    const most = { 'nvidia.com/gpu': 8, 'nvidia.com/mig-1g.5gb': 4 };
    const { gpu, roles } = withinQuotas({ gpu: { most } }, around);
    expect(gpu).toEqual({ most: { 'nvidia.com/gpu': 0, 'nvidia.com/mig-1g.5gb': 1 } });
    expect(roles?.['gpu-user']?.gpu).toEqual({ most: { 'nvidia.com/gpu': 2, 'nvidia.com/mig-1g.5gb': 1 } });
    const limits = (overrides: SchemaOverrides) =>
      at(overrideSchemas(overrides)['ide/resources-gpu.json'], 'properties', 'limits', 'properties', 'nvidia.com/gpu');
    expect(limits({ ...(gpu === undefined ? {} : { gpu }) })).toEqual({
      type: 'string',
      default: '0',
      'x-onyxia': { hidden: true },
    });
    expect(limits(roles?.['gpu-user'] ?? {})).toMatchObject({ default: '1', sliderMin: 0, sliderMax: 2 });
  });

  test('stand in the schemas of the API', () => {
    const { platform } = make((around) => ({ spaces: spaces(around) }));
    const data = objectOf(synthesize(platform), 'ConfigMap', /^onyxia-schemas-/)['data'] as Record<string, string>;
    const schema = JSON.parse(data['schemas.default.ide.resources.json'] ?? '') as unknown;
    expect(at(schema, 'properties', 'limits', 'properties', 'memory')).toMatchObject({ default: '8Gi', sliderMax: 32 });
    expect(Object.keys(data)).toContain('schemas.role.gpu-user.ide.resources.json');
  });
});
