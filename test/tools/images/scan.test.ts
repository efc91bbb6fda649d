import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../tools/cluster/paths';
import { partsOf, readFlaws } from '../../../tools/images/scan';

test('a list of parts without any is refused, for nothing would be found in it', () => {
  expect(partsOf('{"components": [{"type": "library"}, {"type": "file"}]}', 'nace-etl')).toBe(1);
  expect(() => partsOf('{"components": [{"type": "operating-system"}, {"type": "file"}]}', 'nace-etl')).toThrow(
    'image "nace-etl": no package in it was recognized',
  );
});

test('flaws are told with the part and the version that repairs it', () => {
  const match = {
    vulnerability: { id: 'GHSA-8q59-q68h-6hv4', severity: 'Critical', fix: { versions: ['5.4'], state: 'fixed' } },
    artifact: { name: 'pyyaml', version: '5.3.1' },
  };
  expect(readFlaws(JSON.stringify({ matches: [match] }))).toEqual([
    { id: 'GHSA-8q59-q68h-6hv4', severity: 'Critical', part: 'pyyaml 5.3.1', fixedIn: ['5.4'] },
  ]);
});

test('critical flaws that have a repair hold an image back, and an old list of flaws counts as none', () => {
  const settings: unknown = parse(readFileSync(join(packageRoot(), 'tools/images/grype.yaml'), 'utf8'));
  expect(settings).toMatchObject({
    'fail-on-severity': 'critical',
    'only-fixed': true,
    db: { 'validate-age': true, 'max-allowed-built-age': '120h' },
  });
});
