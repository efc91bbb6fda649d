import { gridSearch } from '../../../constructs';

describe('gridSearch', () => {
  test('is the full product, the last parameter changing first', () => {
    const grid = gridSearch({ dim: [50, 100], lr: [0.1, 0.5], loss: ['ova'] });
    expect(grid.combinations).toEqual([
      { dim: 50, lr: 0.1, loss: 'ova' },
      { dim: 50, lr: 0.5, loss: 'ova' },
      { dim: 100, lr: 0.1, loss: 'ova' },
      { dim: 100, lr: 0.5, loss: 'ova' },
    ]);
    expect(grid.parameters).toEqual(['dim', 'lr', 'loss']);
  });

  test('has each combination once, where it stood first', () => {
    const grid = gridSearch({ dim: [100, 50, 100] });
    expect(grid.combinations).toEqual([{ dim: 100 }, { dim: 50 }]);
    expect(grid.duplicates).toBe(1);
  });

  test('tells the same list whatever the order of keys', () => {
    const grid = gridSearch.of([
      { dim: 50, lr: 1e-7 },
      { lr: 1e-7, dim: 50 },
      { lr: 0.5, dim: 100 },
    ]);
    expect(grid.json).toBe('[{"dim":50,"lr":1e-7},{"dim":100,"lr":0.5}]');
  });

  test('tells a number from a text', () => {
    expect(gridSearch.of<{ v: string | number }>([{ v: 1 }, { v: '1' }]).combinations).toHaveLength(2);
  });

  // One factor at a time around a default, as the list of January 2024 of the coding case: 40 entries, many of them the same.
  test('finds the 26 combinations of Insee’s list of 40', () => {
    const usual = { DIM: 180, EPOCHS: 50, LR: 0.2, LOSS: 'ova', WORDNGRAMS: 3, MINN: 3, MAXN: 4, MINCOUNT: 3 };
    const vary = (name: string, values: readonly (string | number)[]) =>
      values.map((value) => ({ ...usual, [name]: value }));
    const repeated = { ...usual, WORDNGRAMS: 5, MAXN: 8, MINCOUNT: 50 };
    const given = [
      ...vary('DIM', [50, 100, 150, 250, 300, 500, 750, 1000]),
      ...Array.from({ length: 12 }, () => repeated),
      ...vary('EPOCHS', [10, 20, 30, 80, 100, 150]),
      ...Array.from({ length: 4 }, () => usual),
      ...vary('LR', [0.01, 0.05, 0.1, 0.3, 0.4, 0.5]),
      ...vary('LOSS', ['ns', 'hs', 'softmax']),
      ...vary('WORDNGRAMS', [2]),
    ];
    const grid = gridSearch.of(given);
    expect([given.length, grid.combinations.length, grid.duplicates]).toEqual([40, 26, 14]);
    expect(grid.combinations[0]).toMatchObject({ DIM: 50 });
    expect(grid.combinations[8]).toEqual(repeated);
    expect(grid.combinations[15]).toEqual(usual);
  });

  test('tells how many Pods it takes, and how long', () => {
    const grid = gridSearch({ dim: [1, 2, 3], lr: [1, 2, 3] });
    expect(grid.estimate({ parallelism: 4, secondsEach: 60, podSeconds: 5 })).toEqual({
      pods: 9,
      rounds: 3,
      seconds: 195,
    });
    expect(grid.estimate({ parallelism: 100, secondsEach: 60 }).rounds).toBe(1);
  });

  test.each([0, 1.5, NaN])('does not run %p at the same time', (parallelism) => {
    expect(() => gridSearch({ dim: [1] }).estimate({ parallelism, secondsEach: 1 })).toThrow(
      `parallelism is a whole number from 1, given ${parallelism}`,
    );
  });

  test('tells everything that is wrong with it at once', () => {
    const grid = () =>
      gridSearch.of<Record<string, string | number>>([
        { dim: 50, '1r': 0.1 },
        { dim: NaN, '1r': 0.2 },
        { dim: '{{workflow.name}}' },
      ]);
    expect(grid).toThrowErrorMatchingInlineSnapshot(`
      "this grid cannot be run:
      "1r": expected a name of at most 63 letters, digits, _ and -, with a letter first
      combination 2, dim: NaN is not a number that JSON knows
      combination 3 has dim: expected 1r, dim
      combination 3, dim: "{{workflow.name}}" holds {{, which Argo takes for an expression: leave it out"
    `);
  });

  test.each([
    ['no parameter', () => gridSearch({}), 'it has no combination: give at least one'],
    ['no value', () => gridSearch({ dim: [1], lr: [] }), 'lr: it has no value'],
    ['an empty list', () => gridSearch.of([]), 'it has no combination'],
    ['combinations of nothing', () => gridSearch.of([{}]), 'its combinations have no parameter'],
  ])('refuses %s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});
