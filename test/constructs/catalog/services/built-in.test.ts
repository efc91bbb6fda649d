import {
  argoWorkflowsService,
  BUILT_IN_SERVICES,
  builtInServices,
  type CatalogService,
  chartOf,
  imagesOf,
  jupyterlabService,
  jupyterPysparkService,
  launch,
  lintChart,
  vscodeService,
} from '../../../../constructs';
import { BUILT_IN_IMAGES } from '../../../../constructs/catalog/services/names';
import { image } from '../fixture';
import { ACCOUNT, brokenRules, packageOf, POSTGRES, READ_ONLY_ROOT, RULES_OF_SERVICES } from './support';

/** A service with the references of the images that it was given. */
function withImages(make: (get: typeof image) => CatalogService) {
  const images: string[] = [];
  const service = make((key) => {
    const given = image(key);
    images.push(given.reference);
    return given;
  });
  return { service, images };
}

/** Every service of the library, and the editors that start images of one's own. */
const SERVICES = [
  withImages((get) => argoWorkflowsService({ image: get('argo-workflows') })),
  ...BUILT_IN_SERVICES.map((name) => withImages((get) => builtInServices({ get }, [name])[0] as CatalogService)),
  withImages((get) => jupyterlabService({ images: [get('jupyter-python')], customImage: true })),
  withImages((get) => jupyterPysparkService({ images: [get('jupyter-pyspark')], customImage: true })),
  withImages((get) => vscodeService({ images: [get('vscode-python')], customImage: true })),
];

/** Gravitee unpacks its plugins beside them. */
const WRITES_TO_ROOT = ['read-only-root Deployment user-test/test-gateway', READ_ONLY_ROOT];

/** Rules that a service breaks with its defaults: Spark and Argo make Pods; Argo's API is alpha, and Kubernetes keeps its authority itself. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  'argo-cd': ['reference-exists StatefulSet user-test/test', 'stable-api AppProject user-test/default'],
  'argo-workflows': [
    'no-account-token Deployment user-test/test-controller',
    'no-account-token StatefulSet user-test/test',
  ],
  gravitee: WRITES_TO_ROOT,
  'jupyter-python': [READ_ONLY_ROOT],
  'jupyter-python-gpu': [READ_ONLY_ROOT],
  'jupyter-pyspark': [...ACCOUNT, READ_ONLY_ROOT],
  'jupyter-r-python': [READ_ONLY_ROOT],
  rstudio: [READ_ONLY_ROOT],
  'vscode-python': [READ_ONLY_ROOT],
  'vscode-r-python': [READ_ONLY_ROOT],
  'vscode-python-gpu': [READ_ONLY_ROOT],
};

/** Services that give their token to some of their containers, and not to the Pod. */
const OWN_TOKEN: readonly string[] = ['argo-cd'];

const LANGUAGES = ['en', 'fr'] as const;

test('holds services to most rules of the house', () => {
  expect(RULES_OF_SERVICES.length).toBeGreaterThan(30);
});

describe.each(SERVICES.map(({ service, images }) => ({ name: service.name, service, images })))(
  '$name',
  ({ name, service, images }) => {
    const accepted = ACCEPTED[name] ?? [];

    test.each([
      ['alone', []],
      ['beside a PostgreSQL', [POSTGRES]],
    ])('keeps the rules of the house with its defaults, %s', (_, secrets) => {
      expect(brokenRules(launch(service, { secrets }))).toEqual(accepted);
    });

    test.each(LANGUAGES)(
      'makes a chart in %s that its linter accepts, with its images by their digests',
      (language) => {
        expect(chartOf(service, language).files.size).toBeGreaterThan(5);
        const chart = packageOf(service, language);
        expect(lintChart(chart)).toEqual([]);
        expect(images).not.toEqual([]);
        for (const reference of images) expect(reference).toMatch(/@sha256:/);
        expect([...imagesOf(chart)].sort()).toEqual([...images].sort());
      },
    );

    test('shows its values under titles in both languages', () => {
      const [en, fr] = LANGUAGES.map((language) => packageOf(service, language).files.get('values.schema.json'));
      expect(en).toBeDefined();
      expect(en).not.toEqual(fr);
    });

    test('is paused and resumed, all of it', () => {
      const replicas = (values = {}) =>
        launch(service, { values })
          .filter(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment')
          .map((object) => (object['spec'] as { readonly replicas: number }).replicas);
      expect(replicas().length).toBeGreaterThan(0);
      expect(replicas()).toEqual(replicas().map(() => 1));
      expect(replicas({ global: { suspend: true } })).toEqual(replicas().map(() => 0));
    });

    test('has no token of the Kubernetes API unless it needs one', () => {
      const pods = launch(service)
        .filter(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment')
        .map((object) => (object['spec'] as { readonly template: { readonly spec: object } }).template.spec);
      const needed = accepted.some((rule) => rule.startsWith('no-account-token'));
      for (const pod of pods) {
        expect(pod).toHaveProperty('automountServiceAccountToken', needed);
        expect('serviceAccountName' in pod).toBe(needed || OWN_TOKEN.includes(name));
      }
    });
  },
);

test.each(BUILT_IN_SERVICES)(
  '%s takes the images that are named for it, by which a configuration is judged',
  (name) => {
    const asked = new Set<string>();
    const get = (key: string) => {
      asked.add(key);
      return image(key);
    };
    expect(builtInServices({ get }, [name]).map((service) => service.name)).toEqual([name]);
    expect([...asked].sort()).toEqual([...BUILT_IN_IMAGES[name]].sort());
  },
);
