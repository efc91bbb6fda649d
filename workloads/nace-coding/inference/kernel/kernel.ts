// The inner loops of fastText, in AssemblyScript. Every sum has the order of the library, in 32 bits, so scores are equal to the bit: lanes
// of a vector belong to different columns of a row or to different labels, never to parts of one sum. The host owns the memory.

/** Adds rows of a matrix to a vector. */
export function addRows(vector: usize, dim: i32, matrix: usize, ids: usize, count: i32): void {
  const stride = (<usize>dim) << 2;
  const vectorEnd = vector + (stride & ~15);
  let id = ids;
  const last = ids + ((<usize>count) << 2);
  for (; id + 16 <= last; id += 16) {
    let a = matrix + <usize>load<u32>(id) * stride;
    let b = matrix + <usize>load<u32>(id, 4) * stride;
    let c = matrix + <usize>load<u32>(id, 8) * stride;
    let d = matrix + <usize>load<u32>(id, 12) * stride;
    let at = vector;
    for (; at < vectorEnd; at += 16, a += 16, b += 16, c += 16, d += 16) {
      let sum = f32x4.add(v128.load(at), v128.load(a));
      sum = f32x4.add(sum, v128.load(b));
      sum = f32x4.add(sum, v128.load(c));
      v128.store(at, f32x4.add(sum, v128.load(d)));
    }
    for (; at < vector + stride; at += 4, a += 4, b += 4, c += 4, d += 4) {
      store<f32>(at, load<f32>(at) + load<f32>(a) + load<f32>(b) + load<f32>(c) + load<f32>(d));
    }
  }
  for (; id < last; id += 4) {
    let a = matrix + <usize>load<u32>(id) * stride;
    let at = vector;
    for (; at < vectorEnd; at += 16, a += 16) v128.store(at, f32x4.add(v128.load(at), v128.load(a)));
    for (; at < vector + stride; at += 4, a += 4) store<f32>(at, load<f32>(at) + load<f32>(a));
  }
}

/** Multiplies a vector by a number. */
export function scale(vector: usize, dim: i32, factor: f32): void {
  const end = vector + ((<usize>dim) << 2);
  for (let at = vector; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
}

/** Products of a vector with the rows of a matrix that is stored in blocks of 32 rows, column by column. */
export function multiply(blocks: usize, count: i32, dim: i32, vector: usize, out: usize): void {
  const end = vector + ((<usize>dim) << 2);
  let weight = blocks;
  for (let block = 0; block < count; block++) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (let at = vector; at < end; at += 4) {
      const value = v128.load_splat<f32>(at);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(weight)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(weight, 16)));
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(weight, 32)));
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(weight, 48)));
      s4 = f32x4.add(s4, f32x4.mul(value, v128.load(weight, 64)));
      s5 = f32x4.add(s5, f32x4.mul(value, v128.load(weight, 80)));
      s6 = f32x4.add(s6, f32x4.mul(value, v128.load(weight, 96)));
      s7 = f32x4.add(s7, f32x4.mul(value, v128.load(weight, 112)));
      weight += 128;
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    v128.store(out, s4, 64);
    v128.store(out, s5, 80);
    v128.store(out, s6, 96);
    v128.store(out, s7, 112);
    out += 128;
  }
}

/**
 * Rows of the runs of two to `length` words that begin at the words `from` to `to`; hashes are as signed as the library has them.
 * Returns how many rows were written.
 */
export function wordNgrams(
  hashes: usize,
  from: i32,
  to: i32,
  count: i32,
  length: i32,
  bucket: u64,
  first: u32,
  ids: usize,
): i32 {
  let written = ids;
  for (let i = from; i < to; i++) {
    let hash = <u64>(<i64>load<i32>(hashes + ((<usize>i) << 2)));
    const end = min(count, i + length);
    for (let j = i + 1; j < end; j++) {
      hash = hash * 116049371 + <u64>(<i64>load<i32>(hashes + ((<usize>j) << 2)));
      store<u32>(written, first + <u32>(hash % bucket));
      written += 4;
    }
  }
  return <i32>((written - ids) >> 2);
}
