import { type FileHandle, open } from 'node:fs/promises';
import { ModelError } from './model-error.js';

const CHUNK_BYTES = 1 << 20;
/** What is read at once into memory of the kernel; between two reads the service answers. */
const BULK_BYTES = 8 << 20;

/** Reads a little-endian file from its beginning to its end. */
export class BinaryReader {
  /** @throws Error when there is no such file */
  static async open(path: string): Promise<BinaryReader> {
    const handle = await open(path, 'r');
    return new BinaryReader(path, handle, (await handle.stat()).size);
  }

  private chunk = Buffer.alloc(0);
  private at = 0;
  private position = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {}

  /** Bytes that have not been read yet. */
  get remaining(): number {
    return this.size - this.position + (this.chunk.length - this.at);
  }

  /** Makes the next bytes available. @throws ModelError when the file is shorter */
  private async need(bytes: number): Promise<void> {
    if (this.chunk.length - this.at >= bytes) return;
    if (this.remaining < bytes) {
      throw new ModelError(`${this.path}: the file ends where ${bytes} more bytes are expected; fetch it again`);
    }
    const rest = this.chunk.subarray(this.at);
    const next = Buffer.allocUnsafe(Math.min(Math.max(CHUNK_BYTES, bytes), this.remaining));
    rest.copy(next);
    await this.fill(next.subarray(rest.length));
    this.chunk = next;
    this.at = 0;
  }

  private async fill(target: Uint8Array): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      const { bytesRead } = await this.handle.read(
        target,
        filled,
        Math.min(BULK_BYTES, target.length - filled),
        this.position,
      );
      if (bytesRead === 0) throw new ModelError(`${this.path}: the file became shorter while it was read`);
      filled += bytesRead;
      this.position += bytesRead;
    }
  }

  private async take<T>(bytes: number, read: (at: number) => T): Promise<T> {
    await this.need(bytes);
    const value = read(this.at);
    this.at += bytes;
    return value;
  }

  async int32(): Promise<number> {
    return this.take(4, (at) => this.chunk.readInt32LE(at));
  }

  /** A 64-bit integer. @throws ModelError when a number of JavaScript cannot hold it */
  async int64(): Promise<number> {
    const value = await this.take(8, (at) => this.chunk.readBigInt64LE(at));
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
      throw new ModelError(`${this.path}: ${value.toString()} is no count; the file is damaged`);
    }
    return Number(value);
  }

  async double(): Promise<number> {
    return this.take(8, (at) => this.chunk.readDoubleLE(at));
  }

  async byte(): Promise<number> {
    return this.take(1, (at) => this.chunk.readUInt8(at));
  }

  /** Text up to a zero byte, and bytes that follow it. @throws ModelError when there is no zero within 1 MiB */
  async entry(more: number): Promise<{ readonly text: string; readonly rest: Buffer }> {
    let end = this.chunk.indexOf(0, this.at);
    if (end < 0 || end + 1 + more > this.chunk.length) {
      await this.need(Math.min(CHUNK_BYTES, this.remaining));
      end = this.chunk.indexOf(0, this.at);
      if (end < 0 || end + 1 + more > this.chunk.length) {
        throw new ModelError(`${this.path}: a word of the dictionary has no end; the file is damaged`);
      }
    }
    const text = this.chunk.toString('utf8', this.at, end);
    const rest = this.chunk.subarray(end + 1, end + 1 + more);
    this.at = end + 1 + more;
    return { text, rest };
  }

  /** Fills a part of memory. @throws ModelError when the file is shorter */
  async bytes(target: Uint8Array): Promise<void> {
    if (this.remaining < target.length) {
      throw new ModelError(
        `${this.path}: the file has ${this.remaining} bytes where ${target.length} are expected; fetch it again`,
      );
    }
    const first = Math.min(target.length, this.chunk.length - this.at);
    target.set(this.chunk.subarray(this.at, this.at + first));
    this.at += first;
    await this.fill(target.subarray(first));
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
