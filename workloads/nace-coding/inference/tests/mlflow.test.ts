import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MlflowClient, NoVersionError, RegistryError } from '../src/registry/mlflow.js';

/** How the client of the registry bears a slow network; tests/platform.test.ts has a real MLflow. */

const VERSION = { name: 'nace', version: '1', ready: true, status: 'READY', runId: undefined, modelId: undefined };
let server: Server;
let client: MlflowClient;
let answer: (response: ServerResponse) => Promise<void>;

beforeEach(async () => {
  server = createServer((_request, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new MlflowClient({ url, timeoutSeconds: 1 }, undefined);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('a large file', () => {
  const target = join(tmpdir(), `mlflow-file-${process.pid}`);
  afterEach(() => {
    rmSync(target, { force: true });
  });

  it('may take longer than the limit, which is for silence', async () => {
    answer = async (response) => {
      for (let part = 0; part < 6; part++) {
        response.write(String(part));
        await pause(300);
      }
      response.end();
    };
    await client.download(VERSION, 'model.bin', target);
    expect(readFileSync(target, 'utf8')).toBe('012345');
  });

  it('that stops in the middle is given up', async () => {
    answer = async (response) => {
      response.write('begin');
      await Promise.resolve();
    };
    await expect(client.download(VERSION, 'model.bin', target)).rejects.toThrow(RegistryError);
  });

  it('that ends before its end is refused', async () => {
    answer = async (response) => {
      response.setHeader('content-length', '100');
      response.write('begin');
      await pause(50);
      response.destroy();
    };
    await expect(client.download(VERSION, 'model.bin', target)).rejects.toThrow(RegistryError);
  });
});

describe('an answer', () => {
  it('that does not come is given up', async () => {
    answer = async () => Promise.resolve();
    await expect(client.resolve('nace', { alias: 'champion' })).rejects.toThrow('silent for 1 s');
  });

  it('that is not understood is said to be so', async () => {
    answer = async (response) => {
      response.end('<html>');
      await Promise.resolve();
    };
    await expect(client.resolve('nace', { version: '1' })).rejects.toThrow('not understood');
  });

  const refusing = (status: number, body: string) => {
    answer = async (response) => {
      response.writeHead(status).end(body);
      await Promise.resolve();
    };
  };

  it.each([
    [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Registered model alias challenger not found.' }],
    [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model with name=nace not found' }],
  ])('of %d that there is no such version is told from others', async (status, body) => {
    refusing(status, JSON.stringify(body));
    await expect(client.resolve('nace', { alias: 'challenger' })).rejects.toThrow(NoVersionError);
  });

  it.each([
    [404, 'page not found'],
    [400, JSON.stringify({ error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid alias name' })],
    [403, JSON.stringify({ error_code: 'PERMISSION_DENIED', message: 'alias challenger not found or denied' })],
  ])('of %d is no such answer: %s', async (status, body) => {
    refusing(status, body);
    const refusal = await client.resolve('nace', { alias: 'challenger' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RegistryError);
    expect(refusal).not.toBeInstanceOf(NoVersionError);
  });
});
