import { anyNameOf, claimMatcher } from '../../../constructs/onyxia/restrictions';

test.each([
  ['census|surveys', 'surveys', true],
  ['census|surveys', 'surveys-2', false],
  ['(?i)census', 'CENSUS', true],
  ['census', 'CENSUS', false],
  ['.*@example\\.org', 'ada@example.org', true],
  ['.*@example\\.org', 'ada@example-org', false],
])('%s for the whole of %s: %p', (pattern, value, fits) => {
  expect(claimMatcher(pattern)?.(value)).toBe(fits);
});

test.each(['', '((', '*', '${roles}', 'a++'])(
  '"%s" is none that Java and JavaScript read and nobody fills',
  (pattern) => {
    expect(claimMatcher(pattern)).toBeUndefined();
  },
);

test('names stand for themselves', () => {
  const fits = claimMatcher(anyNameOf(['a.b', 'c+']));
  expect(['a.b', 'c+', 'axb', 'cc', 'a.b|c+'].map((name) => fits?.(name))).toEqual([true, true, false, false, false]);
});
