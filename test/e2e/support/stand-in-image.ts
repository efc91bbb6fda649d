import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platformImages, systemImages } from '../../../tools/cluster';
import { imageFolder } from '../../../tools/cluster/image-manifest';
import { REGISTRY_PORT } from '../../../tools/cluster/addresses';
import { run } from './commands';

interface Descriptor {
  digest: string;
  size: number;
}

/**
 * Puts an image into the cluster's registry that answers every request with an empty page: in place of a program that nobody can have here,
 * where a test is about what stands around it. It is the toolbox with another command.
 *
 * @param repository `inseefrlab/onyxia-web`
 */
export async function pushStandIn(repository: string, tag: string): Promise<void> {
  const all = [...systemImages(), ...platformImages()];
  const toolbox = all.find(({ name }) => name === 'toolbox');
  if (toolbox === undefined) throw new Error('there is no image "toolbox"');
  const folder = mkdtempSync(join(tmpdir(), 'bouture-stand-in-'));
  try {
    cpSync(imageFolder(toolbox, all), folder, { recursive: true });
    const read = (digest: string): unknown => JSON.parse(readFileSync(blob(folder, digest), 'utf8'));
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: [Descriptor] };
    const manifest = read(index.manifests[0].digest) as { config: Descriptor };
    const config = read(manifest.config.digest) as { config: Record<string, unknown> };
    const answer = String.raw`while read -r line && [ "${'$'}{#line}" -gt 1 ]; do :; done; printf "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>stand-in</title>"; sleep 0.1`;
    config.config['Cmd'] = ['busybox', 'nc', '-ll', '-p', '8080', '-e', 'sh', '-c', answer];
    Object.assign(manifest.config, write(folder, config));
    Object.assign(index.manifests[0], write(folder, manifest));
    writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
    await run('skopeo', [
      ...['copy', '--quiet', '--dest-tls-verify=false'],
      ...[`oci:${folder}`, `docker://127.0.0.1:${REGISTRY_PORT}/${repository}:${tag}`],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function blob(folder: string, digest: string): string {
  return join(folder, 'blobs', ...digest.split(':'));
}

function write(folder: string, content: unknown): Descriptor {
  const text = JSON.stringify(content);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  writeFileSync(blob(folder, digest), text);
  return { digest, size: Buffer.byteLength(text) };
}
