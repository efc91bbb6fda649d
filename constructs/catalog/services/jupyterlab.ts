import type { ImageReference } from '../../platform';
import { allOf, isSet, text, when } from '../functions';
import { objectName } from '../object';
import { parts } from '../parts';
import { PASSWORD_KEY, PASSWORD_SECRET } from '../parts/password';
import { START } from '../parts/start-script';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { NOTEBOOK_ICON } from './icons';

/** Port of JupyterLab. */
const PORT = 8888;
/** User and group of the images for interactive services. */
const UID = 1000;
const GID = 100;
/** Folder that people work in. */
const WORK = '/home/onyxia/work';

export interface JupyterlabProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /**
   * Images that people choose from, each with JupyterLab on its PATH, bash, curl, git and jq, for user 1000 of group 100.
   */
  readonly images: readonly [ImageReference, ...ImageReference[]];
  /** Makes the variant for GPUs, `jupyter-python-gpu`, with this many at most. @default - without GPU */
  readonly gpus?: number;
  /** People may start an image of their own. @default false */
  readonly customImage?: boolean;
}

/**
 * JupyterLab with Python: notebooks with the person's object store, Vault, Git and package mirrors in place, and with databases and MLflow
 * of the same namespace found by themselves.
 *
 * @example
 * import { buildCatalog, jupyterlabService } from 'bouture';
 * const catalog = buildCatalog([jupyterlabService({ images: [images.get('jupyter-python')] })]);
 */
export function jupyterlabService({ version = '1.0.0', images, gpus, customImage }: JupyterlabProps): CatalogService {
  const [image] = images;
  return defineService({
    name: gpus === undefined ? 'jupyter-python' : 'jupyter-python-gpu',
    version,
    appVersion: image.version,
    description: {
      en: `JupyterLab: notebooks with Python${gpus === undefined ? '' : ' on GPUs'}, your data and your secrets in place.`,
      fr: `JupyterLab : des notebooks Python${gpus === undefined ? '' : ' sur GPU'}, avec vos données et vos secrets.`,
    },
    icon: NOTEBOOK_ICON,
    home: 'https://jupyter.org',
    keywords: ['ide', 'python', 'jupyter', ...(gpus === undefined ? [] : ['gpu'])],
    sources: [image.source],
    parts: [
      parts.image({ choices: images, custom: customImage === true }),
      parts.resources({
        cpu: { request: 100, limit: 4000, max: 40_000 },
        memory: { request: 2, limit: 16, max: 200 },
        ...(gpus === undefined ? {} : { gpus }),
      }),
      parts.persistence({ mountPath: WORK }),
      parts.s3(),
      parts.vault(),
      parts.git(),
      parts.discovery(['postgres', 'mlflow']),
      parts.kubernetesRole(),
      parts.personalInit(),
      parts.password({ variable: 'JUPYTER_TOKEN' }),
      parts.ingress({ port: 'jupyter', userPort: 5000 }),
      parts.networkPolicy(),
      parts.packageMirrors(),
      parts.proxy(),
      parts.caBundle(),
      parts.extraEnv(),
      parts.nodeSelector({ gpu: gpus !== undefined }),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
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
              command: [
                ...START,
                'jupyter',
                'lab',
                '--no-browser',
                '--ip=0.0.0.0',
                `--port=${PORT}`,
                `--ServerApp.root_dir=${WORK}`,
                '--ServerApp.terminado_settings={"shell_command":["/bin/bash"]}',
              ],
              env: [
                { name: 'ROOT_PROJECT_DIRECTORY', value: WORK },
                { name: 'PROJECT_USER', value: 'onyxia' },
                { name: 'PROJECT_GROUP', value: 'users' },
              ],
              workingDir: WORK,
              ports: { jupyter: PORT },
              // Answers without the token, and says nothing but the version.
              probe: { httpGet: { path: '/api', port: 'jupyter' } },
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
              text`http://${objectName('')}.${release.namespace}:${PORT}/api`,
            ],
          }),
        ],
        notes: [
          when(isOpen, [
            language === 'fr'
              ? text`Votre notebook : [https://${values.ingress.hostname}](https://${values.ingress.hostname})`
              : text`Your notebook: [https://${values.ingress.hostname}](https://${values.ingress.hostname})`,
            '',
          ]),
          language === 'fr'
            ? 'Le mot de passe du service est le jeton que JupyterLab demande :'
            : 'JupyterLab asks for the password of the service:',
          text`\`kubectl get secret ${objectName(PASSWORD_SECRET)} -o jsonpath='{.data.${PASSWORD_KEY}}' | base64 -d\``,
        ],
      };
    },
  });
}
