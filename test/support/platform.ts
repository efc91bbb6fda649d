import { App } from 'cdk8s';
import { ImageCatalogue, type ImageCatalogueProps, Platform, type PlatformProps } from '../../constructs';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** A lock file with one published and some built images. */
export const TEST_LOCK: ImageCatalogueProps['lock'] = {
  minio: {
    repository: 'bouture/minio',
    tag: '1.0',
    licence: 'AGPL-3.0-only',
    source: 'https://example.org/minio',
    build: 'images/minio',
  },
  postgres: {
    repository: 'bouture/postgres',
    tag: '15.18',
    licence: 'PostgreSQL',
    source: 'https://example.org/postgres',
    build: 'images/postgres',
  },
  mlflow: {
    repository: 'bouture/mlflow',
    tag: '3.0',
    licence: 'Apache-2.0',
    source: 'https://example.org/mlflow',
    build: 'images/mlflow',
  },
  prometheus: {
    repository: 'bouture/prometheus',
    tag: 'v3.15.1',
    licence: 'Apache-2.0',
    source: 'https://example.org/prometheus',
    build: 'images/prometheus',
  },
  'postgres-exporter': {
    repository: 'bouture/postgres-exporter',
    tag: 'v0.17.1',
    licence: 'Apache-2.0',
    source: 'https://example.org/postgres-exporter',
    build: 'images/postgres-exporter',
  },
  toolbox: {
    repository: 'bouture/toolbox',
    tag: '1',
    licence: 'LicenseRef-Debian',
    source: 'https://example.org/toolbox',
    build: 'images/toolbox',
  },
  'oauth2-proxy': {
    repository: 'bouture/oauth2-proxy',
    tag: '7.0.0',
    licence: 'MIT',
    source: 'https://example.org/oauth2-proxy',
    build: 'images/oauth2-proxy',
  },
  keycloak: {
    repository: 'bouture/keycloak',
    tag: '26.7.3',
    licence: 'Apache-2.0',
    source: 'https://example.org/keycloak',
    build: 'images/keycloak',
  },
  ...Object.fromEntries(
    ['training', 'inference', 'etl', 'dashboard', 'annotation'].map((folder) => [
      `nace-${folder}`,
      {
        repository: `bouture/nace-${folder}`,
        tag: '1.0.0',
        licence: 'Apache-2.0',
        source: `https://example.org/nace-${folder}`,
        build: `workloads/nace-coding/${folder}`,
      },
    ]),
  ),
  'nvidia-device-plugin': {
    repository: 'nvcr.io/nvidia/k8s-device-plugin',
    tag: 'v0.17.4',
    licence: 'Apache-2.0',
    source: 'https://example.org/device-plugin',
  },
  'dcgm-exporter': {
    repository: 'nvcr.io/nvidia/k8s/dcgm-exporter',
    tag: '4.4.2',
    licence: 'Apache-2.0',
    source: 'https://example.org/dcgm-exporter',
  },
  busybox: {
    repository: 'docker.io/library/busybox',
    tag: '1.37',
    digest: DIGEST,
    licence: 'GPL-2.0-only',
    source: 'https://example.org/busybox',
  },
};

/** The same lock with a digest for every image, as production wants it. */
export const DIGESTED_LOCK: ImageCatalogueProps['lock'] = Object.fromEntries(
  Object.entries(TEST_LOCK).map(([key, image]) => [key, { ...image, digest: DIGEST }]),
);

/** A catalogue with the test lock and a mirror. */
export function testImages(props: Partial<ImageCatalogueProps> = {}): ImageCatalogue {
  return new ImageCatalogue({ lock: TEST_LOCK, mirror: 'registry.example.org', ...props });
}

/** A platform named `demo`, in an App of its own. */
export function testPlatform(props: Partial<PlatformProps> = {}): Platform {
  return new Platform(new App(), 'platform', { name: 'demo', images: testImages(), ...props });
}
