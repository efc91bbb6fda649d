import { BestLabels, type Ranked } from './best.js';

const { fround } = Math;
/** The library adds this before each logarithm, so that a probability that it gives can be more than 1. */
const EPSILON = 1e-5;
const TABLE_BOUND = 8;
const TABLE_SIZE = 512;

const logarithm = (probability: number): number => fround(Math.log(probability + EPSILON));

/** Gives the best labels for the products of the hidden vector with each row of the output matrix. */
export type Loss = (products: Float32Array, count: number) => Ranked[];

/** The sigmoid of the library: a table of 513 values over [-8, 8], here as logarithms; before it stands 0, behind it 1. */
const logarithms = Float32Array.from({ length: TABLE_SIZE + 3 }, (_, place) => {
  if (place === 0) return logarithm(0);
  if (place === TABLE_SIZE + 2) return logarithm(1);
  const x = fround(((place - 1) * 2 * TABLE_BOUND) / TABLE_SIZE - TABLE_BOUND);
  return logarithm(fround(1 / (1 + fround(Math.exp(-x)))));
});

/** `ova` and `ns`: an independent sigmoid for each label. */
export const sigmoidLoss: Loss = (products, count) => {
  const best = new BestLabels(count);
  let bound = -Infinity;
  for (let label = 0; label < products.length; label++) {
    const x = products[label] ?? 0;
    const place =
      x < -TABLE_BOUND
        ? 0
        : x > TABLE_BOUND
          ? TABLE_SIZE + 2
          : 1 + Math.trunc((fround(x + TABLE_BOUND) * TABLE_SIZE) / TABLE_BOUND / 2);
    const score = logarithms[place] ?? 0;
    if (score < bound) continue;
    best.offer(label, score);
    bound = best.bound;
  }
  return best.take();
};

/** `softmax`. */
export const softmaxLoss: Loss = (products, count) => {
  let largest = products[0] ?? 0;
  for (let label = 1; label < products.length; label++) largest = Math.max(largest, products[label] ?? 0);
  let sum = 0;
  for (let label = 0; label < products.length; label++) {
    const value = fround(Math.exp(fround((products[label] ?? 0) - largest)));
    products[label] = value;
    sum = fround(sum + value);
  }
  const best = new BestLabels(count);
  // What is surely below the least that was kept needs no logarithm: the difference of 1e-5 is far above what 32 bits round away.
  let surelyBelow = -Infinity;
  for (let label = 0; label < products.length; label++) {
    const value = products[label] ?? 0;
    if (value < surelyBelow) continue;
    best.offer(label, logarithm(fround(value / sum)));
    surelyBelow = (Math.exp(best.bound) * (1 - EPSILON) - EPSILON) * sum;
  }
  return best.take();
};

interface Node {
  count: number;
  left: number;
  right: number;
}

/** The Huffman tree of the labels, as the library builds it from their counts, which fall. */
function huffmanTree(counts: readonly number[]): Node[] {
  const size = counts.length;
  const nodes: Node[] = Array.from({ length: 2 * size - 1 }, (_, i) => ({
    count: counts[i] ?? 1e15,
    left: -1,
    right: -1,
  }));
  let leaf = size - 1;
  let inner = size;
  const countOf = (node: number) => nodes[node]?.count ?? 1e15;
  const least = () => (leaf >= 0 && countOf(leaf) < countOf(inner) ? leaf-- : inner++);
  for (let i = size; i < nodes.length; i++) {
    const left = least();
    const right = least();
    nodes[i] = { count: countOf(left) + countOf(right), left, right };
  }
  return nodes;
}

/** `hs`: the way from the root of the tree to each label. */
export function hierarchicalLoss(counts: readonly number[]): Loss {
  const nodes = huffmanTree(counts);
  const size = counts.length;
  const leastScore = logarithm(0);
  return (products, count) => {
    const best = new BestLabels(count);
    const visit = (place: number, score: number) => {
      const node = nodes[place];
      if (node === undefined || score < leastScore || score < best.bound) return;
      if (node.left === -1) {
        best.offer(place, score);
        return;
      }
      const right = fround(1 / (1 + fround(Math.exp(-(products[place - size] ?? 0)))));
      visit(node.left, fround(score + logarithm(fround(1 - right))));
      visit(node.right, fround(score + logarithm(right)));
    };
    visit(2 * size - 2, 0);
    return best.take();
  };
}
