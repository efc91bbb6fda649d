import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { RecordsConfig } from '../config.js';
import { readSecret } from '../secrets.js';

const TIMEOUT_MS = 30_000;

/** The object store did not take an object. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Writes objects once into a bucket of an S3 service. */
export class ObjectStore {
  private readonly client: AwsClient;
  /** Not every S3 service knows conditions on a write. */
  private conditional = true;

  /** @throws Error when a secret cannot be read */
  constructor(private readonly config: RecordsConfig['store']) {
    const { region, accessKeyId, secretAccessKey, sessionToken } = config;
    this.client = new AwsClient({
      accessKeyId: readSecret(accessKeyId),
      secretAccessKey: readSecret(secretAccessKey),
      ...(sessionToken === undefined ? {} : { sessionToken: readSecret(sessionToken) }),
      region,
      service: 's3',
      retries: 0,
    });
  }

  /**
   * Writes an object unless it is there with the same content. When another content is there, the object takes a name of its own, which the
   * content gives, so that nothing is overwritten and nothing is written twice.
   *
   * @throws StoreError when the store is away, or refuses
   */
  async put(key: string, body: Buffer): Promise<void> {
    const md5 = createHash('md5').update(body).digest();
    if (await this.putOnce(key, body, md5)) return;
    if ((await this.etagOf(key)) === md5.toString('hex')) return;
    const other = key.replace(/(\.[a-z]+)?$/, `-${md5.toString('hex').slice(0, 12)}$1`);
    if (!(await this.putOnce(other, body, md5)) && (await this.etagOf(other)) !== md5.toString('hex')) {
      throw new StoreError(`object ${other} is there with another content`);
    }
  }

  /** @returns false when an object of that name is there */
  private async putOnce(key: string, body: Buffer, md5: Buffer): Promise<boolean> {
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-md5': md5.toString('base64'),
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      ...(this.conditional ? { 'if-none-match': '*' } : {}),
    };
    const response = await this.request(key, { method: 'PUT', headers, body: new Uint8Array(body) });
    if (response.ok) return true;
    if (response.status === 412) return false;
    if (response.status === 501 && this.conditional) {
      this.conditional = false;
      return this.putOnce(key, body, md5);
    }
    throw new StoreError(`the object store answers ${response.status} to a write of ${key}: ${await bodyOf(response)}`);
  }

  private async etagOf(key: string): Promise<string | undefined> {
    const response = await this.request(key, { method: 'HEAD' });
    if (!response.ok) throw new StoreError(`the object store answers ${response.status} to a question about ${key}`);
    return response.headers.get('etag')?.replaceAll('"', '');
  }

  private async request(key: string, init: RequestInit): Promise<Response> {
    const { endpoint, bucket, prefix } = this.config;
    const path = [bucket, ...(prefix === '' ? [] : prefix.split('/')), 'records', ...key.split('/')];
    const url = `${endpoint.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}`;
    try {
      return await this.client.fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
      throw new StoreError(`the object store at ${endpoint} does not answer: ${String(error)}${cause}`);
    }
  }
}

const bodyOf = async (response: Response): Promise<string> => (await response.text().catch(() => '')).slice(0, 300);
