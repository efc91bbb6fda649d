import type { Construct } from 'constructs';
import { buildCatalog, type CatalogLanguage, type CatalogService, type ReleasedChart } from '../catalog';
import {
  Component,
  type ComponentProps,
  contentHash,
  type ContainerResources,
  env,
  type HttpService,
  Layer,
} from '../platform';
import { OnyxiaPart, PORT, replicasOf } from './part';

/** User of the toolbox's image. */
const UID = 65532;
const FOLDER = '/srv/charts';
const INDEX = 'index.yaml';
/** A ConfigMap holds 1 MiB, names and all; this much of it in base64 leaves room. */
const BYTES_MAX = 900 * 1024;
const RESOURCES: ContainerResources = {
  cpu: { request: '10m', limit: '250m' },
  memory: { request: '16Mi', limit: '64Mi' },
};

export interface OnyxiaCatalogProps extends ComponentProps {
  /** What people may start: `builtInServices`, and the office's own. */
  readonly services: readonly CatalogService[];
  /** Language of titles and descriptions: Onyxia shows a chart in one. @default 'en' */
  readonly language?: CatalogLanguage;
  /** Versions that were released before, which the catalog goes on offering. @default - none */
  readonly released?: readonly ReleasedChart[];
  /** @default - 1, in production 2 */
  readonly replicas?: number;
  /** @default - 10m to 250m CPU, 16Mi to 64Mi memory */
  readonly resources?: ContainerResources;
}

/**
 * A catalog of services that the platform builds and serves itself: the charts stand in ConfigMaps, and a small web server of the toolbox
 * gives them to Onyxia, inside the cluster. Nothing has to be published, and a network without internet has its catalog.
 *
 * Image: key `toolbox`.
 *
 * @throws Error when two services have the same name and version, when a released version would change, or when a chart is larger than a
 * ConfigMap
 *
 * @example
 * import { builtInServices, OnyxiaCatalog } from 'bouture';
 * const catalog = new OnyxiaCatalog(platform, 'catalog', { services: builtInServices(images) });
 * const catalogs = [{ id: 'services', name: 'Services', location: catalog.location }];
 */
export class OnyxiaCatalog extends Component {
  /** Where the charts are: the `location` of an entry in the `catalogs` of Onyxia. */
  readonly location: { readonly service: HttpService };

  constructor(scope: Construct, id: string, props: OnyxiaCatalogProps) {
    super(scope, id, Layer.PLATFORM, props);
    const { services, language = 'en', released = [] } = props;
    const replicas = replicasOf(this, props.replicas);
    const server = new OnyxiaPart(this, { role: 'catalog', image: this.platform.images.get('toolbox'), replicas });
    this.location = { service: server.service };
    const { files } = buildCatalog(services, { language, released });
    const names = packed(files).map((binaryData, index) =>
      server.binaryConfigMap(`charts-${index}`, `${this.componentName}-charts-${contentHash(binaryData)}`, binaryData),
    );
    server.run({
      uid: UID,
      // As the first process of its container, httpd would not hear that it is to end.
      command: ['bash', '-c', `busybox httpd -f -p ${PORT} -h ${FOLDER} & trap 'exit 0' TERM INT; wait`],
      env: [env('HOME', '/tmp')],
      mounts: [{ name: 'charts', mountPath: FOLDER, readOnly: true }],
      volumes: [{ name: 'charts', projected: { sources: names.map((name) => ({ configMap: { name } })) } }],
      healthPath: `/${INDEX}`,
      startupSeconds: 60,
      resources: props.resources ?? RESOURCES,
    });
  }
}

/** Files in base64, in as many ConfigMaps as they need. */
function packed(files: ReadonlyMap<string, Uint8Array>): readonly Readonly<Record<string, string>>[] {
  const maps: Record<string, string>[] = [{}];
  let size = 0;
  for (const [name, bytes] of files) {
    const content = Buffer.from(bytes).toString('base64');
    if (content.length > BYTES_MAX) {
      throw new Error(`${name} has ${bytes.length} bytes: a ConfigMap holds no more than ${BYTES_MAX} in base64`);
    }
    if (size + content.length > BYTES_MAX) {
      maps.push({});
      size = 0;
    }
    size += content.length;
    maps[maps.length - 1] = { ...maps.at(-1), [name]: content };
  }
  return maps;
}
