import type { GpuOffer } from '../../compute';
import type { ImageReference } from '../../platform';
import { allOf, isSet, text, when } from '../functions';
import { inLanguage, type Localized } from '../localized';
import { objectName } from '../object';
import type { CatalogPart } from '../part';
import { parts } from '../parts';
import { plainOffer } from '../parts/gpu';
import type { KubernetesRoleProps } from '../parts/kubernetes-role';
import { readingOf } from '../parts/password';
import { START } from '../parts/start-script';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';

/** User and group of the images for interactive services. */
const UID = 1000;
const GID = 100;
/** Folder that people work in. */
export const WORK = '/home/onyxia/work';

/** What people write, in the words of a description. */
const LANGUAGES = {
  python: { en: 'Python', fr: 'Python', keywords: ['python'] },
  r: { en: 'R', fr: 'R', keywords: ['r'] },
  'r-python': { en: 'R and Python', fr: 'R et Python', keywords: ['r', 'python'] },
  'r-python-julia': { en: 'R, Python and Julia', fr: 'R, Python et Julia', keywords: ['r', 'python', 'julia'] },
} as const;

/** Languages that the images of a service speak, as the end of its name. */
export type IdeLanguages = keyof typeof LANGUAGES;

/** What an office decides of an editor or notebook. */
export interface IdeProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /**
   * Images that people choose from, each with the editor on its PATH, bash, curl, git and jq, for user 1000 of group 100.
   */
  readonly images: readonly [ImageReference, ...ImageReference[]];
  /** What the images speak, which ends the name of the chart. @default 'python' */
  readonly languages?: IdeLanguages;
  /** Makes the variant for GPUs, whose name ends with `-gpu`, with this many at most. @default - without GPU */
  readonly gpus?: number;
  /** Makes the variant for the GPUs that pools offer: `GpuNodes.offer`. @default - NVIDIA's, where `gpus` is given */
  readonly gpuOffer?: GpuOffer;
  /** People may start an image of their own. @default false */
  readonly customImage?: boolean;
}

/** What an editor or notebook is. */
export interface Ide {
  /** Name of the chart without GPUs. */
  readonly name: string;
  readonly description: Localized;
  readonly icon: string;
  readonly home: string;
  readonly keywords: readonly string[];
  readonly port: { readonly name: string; readonly number: number };
  /** Environment variable that it reads its password from. */
  readonly passwordVariable: string;
  /** Path that answers without the password, and says nothing that needs one. */
  readonly health: string;
  /** What the start script becomes. */
  readonly command: readonly string[];
  /** What its notes say before the address, and before the way to the password. */
  readonly notes: { readonly address: Localized; readonly password: Localized };
  /** Its account of the API. @default - none at first, and one that may look on where a person asks for it */
  readonly account?: KubernetesRoleProps;
  /** Parts that it alone has. @default - none */
  // eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- their values are nobody's but theirs
  readonly parts?: readonly CatalogPart<Record<never, never>>[];
}

/**
 * A service that people write and run programs in: with their object store, Vault, Git and package mirrors in place, and with databases and
 * MLflow of the same namespace found by themselves.
 */
export function ideService(props: IdeProps, ide: Ide): CatalogService {
  const { version = '1.0.0', images, customImage } = props;
  const [image] = images;
  const { port } = ide;
  const gpu = offerOf(props);
  const scheduling = gpu === undefined ? {} : { gpu };
  return defineService({
    name: gpu === undefined ? ide.name : `${ide.name}-gpu`,
    version,
    appVersion: image.version,
    description: ide.description,
    icon: ide.icon,
    home: ide.home,
    keywords: ['ide', ...ide.keywords, ...(gpu === undefined ? [] : ['gpu'])],
    sources: [image.source],
    parts: [
      parts.image({ choices: images, custom: customImage === true }),
      parts.resources({
        cpu: { request: 100, limit: 4000, max: 40_000 },
        memory: { request: 2, limit: 16, max: 200 },
        ...scheduling,
      }),
      parts.persistence({ mountPath: WORK }),
      parts.s3(),
      parts.vault(),
      parts.git(),
      parts.discovery(['postgres', 'mlflow', 'mongodb']),
      parts.kubernetesRole(ide.account),
      parts.personalInit(),
      parts.password({ variable: ide.passwordVariable }),
      parts.ingress({ port: port.name, userPort: 5000 }),
      parts.networkPolicy(),
      parts.packageMirrors(),
      parts.proxy(),
      parts.caBundle(),
      parts.extraEnv(),
      parts.nodeSelector(scheduling),
      parts.tolerations(scheduling),
      parts.startupProbe(),
      parts.autosuspend(),
      ...(ide.parts ?? []),
    ],
    render: ({ values, release, parts: shared, chart, language }) => {
      const isOpen = allOf(values.ingress.enabled, isSet(values.ingress.hostname));
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            gid: GID,
            container: {
              command: [...START, ...ide.command],
              env: [
                { name: 'ROOT_PROJECT_DIRECTORY', value: WORK },
                { name: 'PROJECT_USER', value: 'onyxia' },
                { name: 'PROJECT_GROUP', value: 'users' },
              ],
              workingDir: WORK,
              ports: { [port.name]: port.number },
              probe: { httpGet: { path: ide.health, port: port.name } },
              writesToRoot: true,
            },
          }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            command: [
              'curl',
              '--fail',
              '--silent',
              '--max-time',
              '20',
              text`http://${objectName('')}.${release.namespace}:${port.number}${ide.health}`,
            ],
          }),
        ],
        notes: [
          when(isOpen, [
            text`${inLanguage(ide.notes.address, language)} [https://${values.ingress.hostname}](https://${values.ingress.hostname})`,
            '',
          ]),
          inLanguage(ide.notes.password, language),
          readingOf(),
        ],
      };
    },
  });
}

/** The GPUs that a service is made for. @default - undefined for none */
function offerOf({ gpus, gpuOffer }: Pick<IdeProps, 'gpus' | 'gpuOffer'>): GpuOffer | undefined {
  return gpuOffer ?? (gpus === undefined ? undefined : plainOffer(gpus));
}

/** What people write, and on what, for the name, the description and the keywords of a service. */
export function spoken({ languages = 'python', ...props }: Pick<IdeProps, 'languages' | 'gpus' | 'gpuOffer'>) {
  const { en, fr, keywords } = LANGUAGES[languages];
  const isPlain = offerOf(props) === undefined;
  return {
    name: languages,
    en: isPlain ? en : `${en} on GPUs`,
    fr: isPlain ? fr : `${fr} sur GPU`,
    keywords,
  };
}
