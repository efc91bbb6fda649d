import { describeAccesses } from '../../../cli/deployment/summary';
import { objectOfUrn } from '../../../cli/deployment/resources';
import { Redaction } from '../../../stacks/redaction';
import { urnOf } from './events';

test('an update ends with the addresses, the way there, and where the password is', () => {
  const password = { namespace: 'demo-store', name: 'root', key: 'password' };
  const service = { namespace: 'demo-store', name: 'console', port: 80 };
  expect(
    describeAccesses([
      { title: 'Console', url: 'http://console.demo-store.svc', service, username: 'admin', password },
      { title: 'MLflow', url: 'https://mlflow.example.org' },
    ]),
  ).toEqual([
    'Console: http://console.demo-store.svc',
    '  from this machine  kubectl -n demo-store port-forward service/console 8080:80',
    '  user               admin',
    `  password           kubectl -n demo-store get secret root -o go-template='{{index .data "password" | base64decode}}'`,
    'MLflow: https://mlflow.example.org',
  ]);
});

test.each([
  [urnOf('apps/v1:Deployment', 'demo/web'), { kind: 'Deployment', group: 'apps', namespace: 'demo', name: 'web' }],
  [urnOf('core/v1:Namespace', 'demo'), { kind: 'Namespace', group: '', name: 'demo' }],
  [
    urnOf('rbac.authorization.k8s.io/v1:ClusterRole', 'demo:reader'),
    { kind: 'ClusterRole', group: 'rbac.authorization.k8s.io', name: 'demo:reader' },
  ],
  ['urn:pulumi:dev::bouture::bouture:platform:Platform::demo', undefined],
  ['urn:pulumi:dev::bouture::pulumi:providers:kubernetes::cluster', undefined],
])('%s names %p', (urn, object) => {
  expect(objectOfUrn(urn)).toEqual(object);
});

describe('canaries', () => {
  const redaction = new Redaction();
  const canary = 'cAnArY0123456789abcdef';
  redaction.hide([canary]);
  redaction.hide([`${canary}-longer`]);

  test('are taken out of any text, plain and in base64', () => {
    const text = `refused ${canary} (${Buffer.from(canary).toString('base64')}) for admin`;
    expect(redaction.apply(text)).toBe('refused (secret) ((secret)) for admin');
  });

  test('are taken out whole where one begins with another', () => {
    expect(redaction.apply(`${canary}-longer`)).toBe('(secret)');
  });
});
