import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cli/commands/images';
import { describeImages, type UsedImage, usedImages } from '../../cli/images';
import { Layer, renderFiles, synthesize } from '../../constructs';
import { loadConfig } from '../../blueprints/load';
import { DIGESTED_LOCK, testImages, testPlatform } from '../support/platform';
import { capture } from './capture';

const CONFIG = join(__dirname, '../../blueprints/minimal/config.yaml');

async function json(config: string): Promise<UsedImage[]> {
  const { code, out } = await capture(run, [config], { json: true });
  expect(code).toBe(0);
  return JSON.parse(out) as UsedImage[];
}

test('lists exactly the images that stand in the manifests', async () => {
  const text = [...renderFiles(synthesize(loadConfig(CONFIG).compose())).values()].join('\n');
  const named = new Set([...text.matchAll(/^\s*(?:- )?image: "?([^"\n]+)"?$/gm)].map(([, image]) => image));
  expect(named.size).toBeGreaterThan(2);
  expect((await json(CONFIG)).map(({ reference }) => reference)).toEqual([...named].sort());
});

test('tells licence, source and users of each', async () => {
  const minio = (await json(CONFIG)).find(({ key }) => key === 'minio');
  expect(minio).toMatchObject({ licence: 'AGPL-3.0-only', source: 'https://github.com/minio/minio' });
  expect(minio?.reference).toMatch(/^localhost:\d+\/bouture\/minio:RELEASE\./);
  expect(minio?.usedBy).toContainEqual(expect.objectContaining({ namespace: 'bouture-minio', kind: 'StatefulSet' }));
});

test('follows the mirror and the overrides of the configuration', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-images-'));
  try {
    const config = join(folder, 'config.yaml');
    const override = `registry.example.org/own/minio:1@sha256:${'b'.repeat(64)}`;
    writeFileSync(
      config,
      readFileSync(CONFIG, 'utf8').replace(
        /^ {2}mirror: .*$/m,
        `  mirror: mirror.example.org\n  overrides:\n    minio: ${override}`,
      ),
    );
    const images = await json(config);
    expect(images.every(({ repository }) => repository?.startsWith('mirror.example.org/'))).toBe(true);
    expect(images.find(({ key }) => key === 'minio')?.digest).toBe(`sha256:${'b'.repeat(64)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('is readable, digests included', () => {
  const images = testImages({ lock: DIGESTED_LOCK });
  const platform = testPlatform({ images });
  const { reference } = images.get('busybox');
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: {
      containers: [
        { name: 'a', image: reference },
        { name: 'b', image: 'registry.example.org/other:1' },
      ],
    },
  };
  const synthesis = {
    ...synthesize(platform),
    objects: [{ manifest, layer: Layer.PLATFORM, wave: 30, component: 'c', path: 'p' }],
  };
  expect(describeImages(usedImages(synthesis, images, Object.keys(DIGESTED_LOCK)))).toMatchInlineSnapshot(`
    "registry.example.org/library/busybox:1.37@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      digest   sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      licence  GPL-2.0-only
      source   https://example.org/busybox
      used by  Pod ns/p (a)

    registry.example.org/other:1
      digest   none: the tag alone names it
      licence  unknown: not in the lock file
      source   unknown
      used by  Pod ns/p (b)
    "
  `);
});

test('exits 2 on a bad configuration', async () => {
  expect((await capture(run, ['/does/not/exist.yaml'])).code).toBe(2);
});
