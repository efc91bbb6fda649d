import {
  defineService,
  injected,
  injectedText,
  jupyterlabService,
  launch,
  object,
  onyxiaValues,
  value,
} from '../../../constructs';
import { image, PLAIN } from './fixture';

const service = defineService({
  ...PLAIN,
  values: {
    plain: value.text({ default: 'as it is' }),
    person: value.text({ default: 'nobody', from: injected('user.idep') }),
    port: value.whole({ default: 443, from: injected('s3.port') }),
    isDark: value.flag({ default: false, from: injected('user.darkMode') }),
    host: value.text({
      default: '',
      from: injectedText`${'project.id'}-${'k8s.randomSubdomain'}-0.${'k8s.domain'}`,
    }),
    resources: value.group(
      { instanceSchema: 'ide/resources.json' },
      { cpu: value.text({ default: '1' }), memory: value.text({ default: '1Gi' }) },
    ),
    tolerations: value.rawList<object>({ default: [], instanceSchema: 'tolerations.json' }),
  },
  render: ({ values }) => ({ objects: [object('ConfigMap', 'c', { data: { person: values.person } })], notes: ['x'] }),
});

test('what Onyxia knows takes the place of defaults, with its type', () => {
  expect(
    onyxiaValues(service, {
      user: { idep: 'ada', darkMode: true },
      s3: { port: 9000 },
      project: { id: 'user-ada' },
      k8s: { randomSubdomain: 4711, domain: 'lab.example.org' },
    }),
  ).toEqual({
    plain: 'as it is',
    person: 'ada',
    port: 9000,
    isDark: true,
    host: 'user-ada-4711-0.lab.example.org',
    resources: { cpu: '1', memory: '1Gi' },
    tolerations: [],
  });
});

test('what it does not know, or knows as something else, leaves the default', () => {
  const values = onyxiaValues(service, { s3: { port: 'none' }, project: { id: 'user-ada' }, user: {} });
  expect(values).toMatchObject({ person: 'nobody', port: 443, host: '', isDark: false });
});

test('what the office lays down takes the place of the part of the form', () => {
  const schemas = {
    'ide/resources.json': {
      type: 'object',
      properties: {
        cpu: { type: 'string', default: '250m' },
        // Without a default, what the chart has.
        memory: { type: 'string' },
        pool: { type: 'string', 'x-onyxia': { overwriteDefaultWith: '{{user.lang}}-pool' } },
      },
    },
    'tolerations.json': {
      type: 'array',
      'x-onyxia': { overwriteDefaultWith: [{ key: '{{user.idep}}', operator: 'Exists' }] },
    },
  };
  expect(onyxiaValues(service, { user: { idep: 'ada', lang: 'fr' } }, schemas)).toMatchObject({
    resources: { cpu: '250m', memory: '1Gi', pool: 'fr-pool' },
    tolerations: [{ key: 'ada', operator: 'Exists' }],
  });
  expect(onyxiaValues(service, {}, schemas)).toMatchObject({ resources: { pool: '' }, tolerations: [] });
});

test('a notebook starts with them', () => {
  const jupyter = jupyterlabService({ images: [image('jupyter-python')] });
  const values = onyxiaValues(jupyter, {
    project: { id: 'user-ada' },
    k8s: { ingress: true, domain: 'lab.example.org', randomSubdomain: 7, ingressClassName: 'traefik' },
    s3: { AWS_ACCESS_KEY_ID: 'key', AWS_S3_ENDPOINT: 's3.example.org', port: 443 },
  });
  const objects = launch(jupyter, { values });
  expect(objects.find(({ kind }) => kind === 'Ingress')).toMatchObject({
    spec: { ingressClassName: 'traefik', rules: [{ host: 'user-ada-7-0.lab.example.org' }] },
  });
  expect(objects.find(({ metadata }) => metadata.name === 'test-s3')).toMatchObject({
    stringData: {
      AWS_ACCESS_KEY_ID: 'key',
      AWS_ENDPOINT_URL: 'https://s3.example.org',
      AWS_WORKING_DIRECTORY_PATH: 'user-ada',
    },
  });
});
