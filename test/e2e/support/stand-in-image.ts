import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allImages } from '../../../tools/cluster';
import { imageFolder } from '../../../tools/cluster/image-manifest';
import { REGISTRY_PORT } from '../../../tools/cluster/addresses';
import { run } from './commands';

const JAVA_HOME = '/opt/java/openjdk';

interface Descriptor {
  digest: string;
  size: number;
}

/**
 * Puts an image into the cluster's registry that answers every request with an empty page: in place of a program that nobody can have here,
 * where a test is about what stands around it. It is the toolbox with another command, and with what a Java runtime trusts.
 *
 * @param repository `inseefrlab/onyxia-web`
 */
export async function pushStandIn(repository: string, tag: string): Promise<void> {
  const all = allImages();
  const toolbox = all.find(({ name }) => name === 'toolbox');
  if (toolbox === undefined) throw new Error('there is no image "toolbox"');
  const folder = mkdtempSync(join(tmpdir(), 'bouture-stand-in-'));
  try {
    cpSync(imageFolder(toolbox, all), folder, { recursive: true });
    const read = (digest: string): unknown => JSON.parse(readFileSync(blob(folder, digest), 'utf8'));
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: [Descriptor] };
    const manifest = read(index.manifests[0].digest) as { config: Descriptor; layers: object[] };
    const config = read(manifest.config.digest) as {
      config: Record<string, unknown> & { Env?: string[] };
      rootfs: { diff_ids: string[] };
      history?: object[];
    };
    const answer = String.raw`while read -r line && [ "${'$'}{#line}" -gt 1 ]; do :; done; printf "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>stand-in</title>"; sleep 0.1`;
    config.config['Cmd'] = ['busybox', 'nc', '-ll', '-p', '8080', '-e', 'sh', '-c', answer];
    config.config.Env = [...(config.config.Env ?? []), `JAVA_HOME=${JAVA_HOME}`];
    const layer = write(folder, await javaTrust(folder));
    config.rootfs.diff_ids.push(layer.digest);
    config.history?.push({ comment: 'what Java trusts' });
    manifest.layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer });
    Object.assign(manifest.config, write(folder, JSON.stringify(config)));
    Object.assign(index.manifests[0], write(folder, JSON.stringify(manifest)));
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

function write(folder: string, content: string | Uint8Array): Descriptor {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  writeFileSync(blob(folder, digest), content);
  return { digest, size: Buffer.byteLength(content) };
}

/** A layer with a trust store where the images of Onyxia's API have theirs; its content is never read. */
async function javaTrust(folder: string): Promise<Uint8Array> {
  const security = join(folder, 'layer', JAVA_HOME, 'lib/security');
  mkdirSync(security, { recursive: true });
  writeFileSync(join(security, 'cacerts'), '');
  const archive = join(folder, 'layer.tar');
  await run('tar', ['--create', '--file', archive, '--directory', join(folder, 'layer'), '.']);
  return readFileSync(archive);
}
