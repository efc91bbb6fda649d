import fc from 'fast-check';
import { load } from 'js-yaml';
import { yamlDocument, yamlEntry } from '../../../constructs/catalog/yaml';

test.each(['', 'a', 'yes', 'null', '1', '1e3', 'a:b', 'a b', '.inf', '=', true, null, 0, -0, 7, -7, 1.5, 1e21, [], {}])(
  'a value %p is written as the whole writer would',
  (value) => {
    expect(yamlEntry('name', value)).toBe(yamlDocument({ name: value }));
  },
);

test('whatever the name and the value are', () => {
  const scalar = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z/_.:0-9-]{0,8}$/), fc.integer(), fc.boolean());
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z/_.:0-9-]{1,8}$/), scalar, (name, value) => {
      expect(yamlEntry(name, value)).toBe(yamlDocument({ [name]: value }));
      expect(load(yamlEntry(name, value))).toEqual({ [name]: value });
    }),
    { numRuns: 500 },
  );
});
