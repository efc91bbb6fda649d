import { compare } from '../platform';

/** One value of a parameter. */
export type GridValue = string | number | boolean;

/** One value for each parameter. */
export type Combination = Readonly<Record<string, GridValue>>;

export interface GridEstimateProps {
  /** Combinations that run at the same time. */
  readonly parallelism: number;
  /** Seconds that one combination takes. */
  readonly secondsEach: number;
  /** Seconds that a Pod takes to start and to end. @default 10 */
  readonly podSeconds?: number;
}

/** What a grid takes, as long as every combination takes equally long and no Pod is tried again. */
export interface GridEstimate {
  /** One for each combination. */
  readonly pods: number;
  /** How often the places that `parallelism` gives are filled. */
  readonly rounds: number;
  /** From the first start to the last end. */
  readonly seconds: number;
}

/** Names that Argo accepts for parameters, and that a program can take as names of its options. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/**
 * Combinations of parameters, each of them once, in the order in which they were given. Made by {@link gridSearch}.
 *
 * @throws Error that tells all problems at once
 */
export class Grid<C extends Combination = Combination> {
  /** Names of the parameters, in the order of the first combination. */
  readonly parameters: readonly (keyof C & string)[];
  readonly combinations: readonly C[];
  /** How many of the given ones equal one before them, and were left out. */
  readonly duplicates: number;

  constructor(given: readonly C[]) {
    this.parameters = Object.keys(given[0] ?? {});
    const problems = problemsOf(this.parameters, given);
    if (problems.length > 0) throw new Error(`this grid cannot be run:\n${problems.join('\n')}`);
    // A key that is there already keeps its place.
    const distinct = new Map(
      given.map((one) => [this.parameters.map((name) => JSON.stringify(one[name])).join(), one]),
    );
    this.combinations = [...distinct.values()];
    this.duplicates = given.length - this.combinations.length;
  }

  /** The list as Argo reads it in `withParam`: the same text for the same grid. */
  get json(): string {
    return JSON.stringify(
      this.combinations.map((one) => Object.fromEntries(this.parameters.map((name) => [name, one[name]]))),
    );
  }

  /**
   * How many Pods it takes, and how long.
   *
   * @throws RangeError when a number is out of its range
   */
  estimate({ parallelism, secondsEach, podSeconds = 10 }: GridEstimateProps): GridEstimate {
    if (!Number.isInteger(parallelism) || parallelism < 1) {
      throw new RangeError(`parallelism is a whole number from 1, given ${parallelism}`);
    }
    for (const [name, value] of Object.entries({ secondsEach, podSeconds })) {
      if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} is a number from 0, given ${value}`);
    }
    const pods = this.combinations.length;
    const rounds = Math.ceil(pods / parallelism);
    return { pods, rounds, seconds: rounds * (secondsEach + podSeconds) };
  }
}

/** The full product: every value of each parameter with every value of all others, the last parameter changing first. */
function product<A extends Readonly<Record<string, readonly GridValue[]>>>(
  axes: A,
): Grid<{ readonly [K in keyof A]: A[K][number] }> {
  type Product = { readonly [K in keyof A]: A[K][number] };
  const empty = Object.entries(axes).filter(([, values]) => values.length === 0);
  if (empty.length > 0) {
    throw new Error(
      `this grid cannot be run:\n${empty.map(([name]) => `${name}: it has no value, so that nothing would run: give one, or leave it out`).join('\n')}`,
    );
  }
  const combinations = Object.entries(axes).reduce<readonly Combination[]>(
    (before, [name, values]) => before.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    Object.keys(axes).length === 0 ? [] : [{}],
  );
  return new Grid(combinations as readonly Product[]);
}

/** Combinations one by one, such as one factor at a time around a default. */
function list<C extends Combination>(combinations: readonly C[]): Grid<C> {
  return new Grid(combinations);
}

/**
 * The combinations of parameters that a workflow tries, each of them once.
 *
 * - `gridSearch({ dim: [50, 100], lr: [0.1, 0.5] })`: the full product, here four.
 * - `gridSearch.of([{ dim: 50, lr: 0.1 }, { dim: 100, lr: 0.5 }])`: these.
 *
 * @throws Error that tells all problems at once: no combination, parameters that not all of them have, names that Argo does not take, values
 * that are no number, or that Argo would take for an expression
 *
 * @example
 * import { gridSearch } from 'bouture';
 * const grid = gridSearch({ dim: [50, 100, 180], lr: [0.1, 0.2] });
 * const { pods, seconds } = grid.estimate({ parallelism: 4, secondsEach: 120 });
 */
export const gridSearch = Object.assign(product, { of: list });

function problemsOf(parameters: readonly string[], given: readonly Combination[]): readonly string[] {
  if (given.length === 0) return ['it has no combination: give at least one'];
  if (parameters.length === 0) return ['its combinations have no parameter: give at least one'];
  const names = parameters
    .filter((name) => !NAME.test(name))
    .map(
      (name) => `${JSON.stringify(name)}: expected a name of at most 63 letters, digits, _ and -, with a letter first`,
    );
  const expected = [...parameters].sort(compare).join(', ');
  return [
    ...names,
    ...given.flatMap((one, index) => {
      const found = Object.keys(one).sort(compare).join(', ');
      return [
        ...(found === expected
          ? []
          : [`combination ${index + 1} has ${found || 'no parameter'}: expected ${expected}`]),
        ...Object.entries(one).flatMap(([name, value]) => {
          const problem = valueProblem(value);
          return problem === undefined ? [] : [`combination ${index + 1}, ${name}: ${problem}`];
        }),
      ];
    }),
  ];
}

function valueProblem(value: GridValue): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value} is not a number that JSON knows`;
  if (typeof value === 'string' && value.includes('{{')) {
    return `${JSON.stringify(value)} holds {{, which Argo takes for an expression: leave it out`;
  }
  return undefined;
}
