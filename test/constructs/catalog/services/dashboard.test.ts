import { dashboardService, launch } from '../../../../constructs';
import { RENDER_SCRIPT } from '../../../../constructs/catalog/services/dashboard-start';
import { image } from '../fixture';
import { brokenRules, named, parse, podOf } from './support';

const service = dashboardService({ image: image('dashboard') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  dashboard: { source: 'bucket', folder: 'user-ada/pages', data: 'user-ada/prices', minutes: 30, open: true },
  git: { repository: 'https://git.example.org/ada/pages.git', branch: 'main' },
  ingress: { hostname: 'user-ada-123-0.lab.example.org', ingressClassName: 'traefik', useCertManager: true },
  s3: { endpoint: 's3.example.org', workingDirectoryPath: 'user-ada' },
  vault: { url: 'https://vault.example.org', secret: 'mine' },
  proxy: { enabled: true, httpProxy: 'http://proxy:3128' },
  certificates: { cacerts: 'Q0E=' },
  extraEnvVars: [{ name: 'A', value: '1' }],
  networkPolicy: { enabled: true },
} as const;

const nginx = (values = {}) => {
  const files = named(launch(service, { values }), 'ConfigMap', 'test-files');
  return (files?.['data'] as Readonly<Record<string, string>>)['nginx.conf'];
};

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('asks readers for a password unless told otherwise', () => {
  expect(podOf(launch(service)).variables['PROTECTED']).toBe('true');
  expect(nginx()).toContain('auth_basic_user_file');
  expect(podOf(launch(service, { values: EVERYTHING })).variables['PROTECTED']).toBe('false');
  expect(nginx(EVERYTHING)).not.toContain('auth_basic');
});

test('lets browsers of readers ask nobody else', () => {
  expect(nginx()).toContain("Content-Security-Policy \"default-src 'self'");
});

test('renders what it is told to, as often as it is told to', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables).toMatchObject({
    SOURCE: 'bucket',
    FOLDER: 'user-ada/pages',
    DASHBOARD_DATA: 'user-ada/prices',
    MINUTES: '30',
  });
  expect(() => launch(service, { values: { dashboard: { minutes: 1 } } })).toThrow('values.dashboard.minutes');
});

test('reads the bucket of the person where no folder is named', () => {
  const { variables } = podOf(launch(service, { values: { s3: { workingDirectoryPath: 'user-ada' } } }));
  expect(variables).toMatchObject({ SOURCE: 'example', DASHBOARD_DATA: 'user-ada' });
});

test('starts by a script that bash can read', () => {
  parse('bash', RENDER_SCRIPT);
});
