import { deviations } from '../../../cli/deployment/containment';

test('what the server adds is no difference', () => {
  expect(deviations({ spec: { replicas: 1 } }, { spec: { replicas: 1, paused: false }, status: {} })).toEqual([]);
});

test('a value that differs is named by its path', () => {
  expect(deviations({ spec: { ports: [{ port: 80 }] } }, { spec: { ports: [{ port: 81 }] } })).toEqual([
    { field: 'spec.ports[0].port', wanted: 80, found: 81 },
  ]);
});

test('a field that is missing is named', () => {
  expect(deviations({ spec: { a: 1 } }, { spec: {} })).toEqual([{ field: 'spec.a', wanted: 1, found: undefined }]);
});

test('a quantity may be written in another way, but not mean another amount', () => {
  expect(deviations({ cpu: '1000m', memory: '1Gi' }, { cpu: '1', memory: '1024Mi' })).toEqual([]);
  expect(deviations({ cpu: '1' }, { cpu: '2' })).toHaveLength(1);
});

test('the server leaves out what is empty', () => {
  expect(deviations({ podSelector: {}, ingress: [], hostNetwork: false }, { podSelector: {} })).toEqual([]);
});
