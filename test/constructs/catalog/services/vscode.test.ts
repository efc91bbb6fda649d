import { chartOf, launch, onyxiaValues, vscodeService } from '../../../../constructs';
import { image } from '../fixture';
import { ACCOUNT, brokenRules, holdersOf, named, READ_ONLY_ROOT, type Values } from './support';

interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: unknown };
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
}

const vscode = vscodeService({ images: [image('vscode-python')], customImage: true });
const gpu = vscodeService({ images: [image('vscode-python')], gpus: 2 });

function made(service = vscode, values: Values = {}) {
  const objects = launch(service, { values });
  const find = (kind: string, name: string) => named(objects, kind, name);
  const set = find('StatefulSet', 'test') as unknown as {
    spec: { template: { spec: { containers: readonly [Container] } } };
  };
  const { spec: pod } = set.spec.template;
  const [container] = pod.containers;
  const settings = find('ConfigMap', 'test-vscode')?.['data'] as { 'settings.json': string; 'prepare.sh': string };
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { objects, find, pod, container, env, settings };
}

const EVERYTHING: Values = {
  security: { password: 'a-password-of-mine' },
  appearance: { darkMode: true },
  ingress: {
    hostname: 'user-alice-123-0.lab.example.org',
    userHostname: 'user-alice-123-user.lab.example.org',
    ingressClassName: 'traefik',
  },
  networking: { user: { enabled: true, port: 5001 } },
  kubernetes: { enabled: true, role: 'edit' },
  s3: { endpoint: 's3.example.org' },
  vault: { url: 'https://vault.example.org', secret: 'mine' },
  repository: { pipRepository: 'https://pip.example.org' },
  proxy: { enabled: true, httpsProxy: 'http://proxy:3128' },
  certificates: { cacerts: 'Q0E=' },
  extraEnvVars: [{ name: 'A', value: '1' }],
  networkPolicy: { enabled: true },
};

test('keeps the rules of the house with everything on, but for what was asked', () => {
  expect(brokenRules(made(vscode, EVERYTHING).objects)).toEqual([...ACCOUNT, READ_ONLY_ROOT]);
});

test('is told of in the language of the catalog', () => {
  const files = (['en', 'fr'] as const).map((language) => chartOf(vscode, language).files);
  const [notes, notice] = files.map((all) => String(all.get('templates/NOTES.txt')));
  expect(notes).toContain('VSCode asks for the password of the service:');
  expect(notice).toContain('VSCode demande le mot de passe du service :');
  expect(files.map((all) => String(all.get('values.schema.json')))).toEqual([
    expect.stringContaining('Dark colours'),
    expect.stringContaining('Couleurs sombres'),
  ]);
});

test('asks for its password, which no other object than the Secret has', () => {
  const { container, objects } = made(vscode, { security: { password: 'canary-of-a-secret' } });
  expect(container.command).toContain('--auth=password');
  expect(container.env).toContainEqual({
    name: 'PASSWORD',
    valueFrom: { secretKeyRef: { name: 'test-password', key: 'password' } },
  });
  expect(holdersOf(objects, 'canary-of-a-secret')).toEqual(['Secret test-password']);
});

test('listens where its probe, its Ingress and its test look', () => {
  const { container, find } = made(vscode, EVERYTHING);
  expect(container.command).toContain('--bind-addr=0.0.0.0:8080');
  expect(container.ports).toEqual([
    { name: 'vscode', containerPort: 8080, protocol: 'TCP' },
    { name: 'user', containerPort: 5001, protocol: 'TCP' },
  ]);
  expect(container.readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'vscode' });
  expect(JSON.stringify(find('Ingress', 'test'))).toContain('"port":{"name":"vscode"}');
  expect(JSON.stringify(find('Pod', 'test-test'))).toContain('http://test.user-test:8080/healthz');
});

test('opens the folder that is kept, after the start script and the settings', () => {
  const { container, env } = made();
  expect(container.command.slice(0, 5)).toEqual([
    'bash',
    '/opt/bouture/start/start.sh',
    'bash',
    '/opt/bouture/vscode/prepare.sh',
    'code-server',
  ]);
  expect(container.command.at(-1)).toBe('/home/onyxia/work');
  // Programs of the image and variables of the start script stay known to terminals.
  expect(env['VSCODE_CLI']).toBe('1');
});

test('has the colours that the person has chosen in Onyxia, and reports to nobody', () => {
  const theme = (values: Values) => JSON.parse(made(vscode, values).settings['settings.json']) as Values;
  expect(theme({})).toMatchObject({
    'workbench.colorTheme': 'Light Modern',
    'telemetry.telemetryLevel': 'off',
    'extensions.autoCheckUpdates': false,
  });
  const values = onyxiaValues(vscode, { user: { darkMode: true }, project: { id: 'user-alice' } });
  expect(theme(values)).toMatchObject({ 'workbench.colorTheme': 'Dark Modern' });
  expect(made().container.command).toEqual(expect.arrayContaining(['--disable-telemetry', '--disable-update-check']));
});

test('looks for extensions at the office’s own registry, or nowhere', () => {
  expect(made().env['EXTENSIONS_GALLERY']).toBe('{}');
  const images = [image('vscode-python')] as const;
  const own = vscodeService({ images, extensionGallery: 'https://extensions.example.org/vscode' });
  expect(JSON.parse(made(own).env['EXTENSIONS_GALLERY'] ?? '')).toEqual({
    serviceUrl: 'https://extensions.example.org/vscode/gallery',
    itemUrl: 'https://extensions.example.org/vscode/item',
    resourceUrlTemplate: 'https://extensions.example.org/vscode/unpkg/{publisher}/{name}/{version}/{path}',
  });
  expect(() => vscodeService({ images, extensionGallery: 'http://extensions.example.org' })).toThrow(
    'extensionGallery "http://extensions.example.org" is no address',
  );
});

test('asks for what the pools of a platform offer, and for nothing where a person chooses none', () => {
  const gpuOffer = {
    most: { 'nvidia.com/gpu': 2, 'nvidia.com/mig-1g.5gb': 1 },
    tolerations: [{ key: 'example.org/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    runtimeClassName: 'gpus',
    priorityClassName: 'interactive',
  };
  const offered = vscodeService({ images: [image('vscode-python')], gpuOffer });
  const none = { 'nvidia.com/gpu': '0', 'nvidia.com/mig-1g.5gb': '0' };
  const asking = (limits: Values) => {
    const { container, pod } = made(offered, {
      resources: { limits },
      nodeSelector: { pool: 'x' },
      tolerations: [{ key: 'office', operator: 'Exists' }],
    });
    return { ...pod, limits: container.resources.limits };
  };
  expect(asking({ ...none, 'nvidia.com/mig-1g.5gb': '1' })).toMatchObject({
    limits: { 'nvidia.com/mig-1g.5gb': '1' },
    nodeSelector: { pool: 'x' },
    tolerations: gpuOffer.tolerations,
    runtimeClassName: 'gpus',
    priorityClassName: 'interactive',
  });
  const plain = asking(none);
  expect(plain).toMatchObject({ tolerations: [{ key: 'office', operator: 'Exists' }] });
  for (const field of ['nodeSelector', 'runtimeClassName', 'priorityClassName'])
    expect(plain).not.toHaveProperty(field);
  expect(Object.keys(plain.limits)).toEqual(['cpu', 'memory', 'ephemeral-storage']);
  expect(() => made(offered, { resources: { limits: { 'nvidia.com/gpu': '3' } } })).toThrow('nvidia.com/gpu');
});

test('has a variant for GPUs', () => {
  expect([vscode.name, gpu.name]).toEqual(['vscode-python', 'vscode-python-gpu']);
  expect(made(gpu).container.resources.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
});
