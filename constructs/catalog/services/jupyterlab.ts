import { object, objectName } from '../object';
import { definePart } from '../part';
import type { CatalogService } from '../service';
import { NOTEBOOK_ICON } from './icons';
import { type Ide, type IdeProps, ideService, spoken, WORK } from './ide';

/** Port of JupyterLab. */
const PORT = 8888;

/** Folder of what the office sets for everybody, and people may set otherwise for themselves. */
const SETTINGS = '/opt/bouture/jupyterlab';

/** No question for news or a newer version: they are on the internet, and the office's images say which version it is. */
const OVERRIDES = { '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false } };

const settings = definePart({}, () => ({
  objects: [object('ConfigMap', 'lab', { data: { 'overrides.json': JSON.stringify(OVERRIDES) } })],
  volumes: [{ name: 'lab', configMap: { name: objectName('lab') } }],
  mounts: [{ name: 'lab', mountPath: SETTINGS, readOnly: true }],
}));

/** How JupyterLab is started and asked. */
export const JUPYTERLAB = {
  port: { name: 'jupyter', number: PORT },
  passwordVariable: 'JUPYTER_TOKEN',
  // Answers without the token, and says nothing but the version.
  health: '/api',
  command: [
    'jupyter',
    'lab',
    '--no-browser',
    '--ip=0.0.0.0',
    `--port=${PORT}`,
    `--ServerApp.root_dir=${WORK}`,
    '--ServerApp.terminado_settings={"shell_command":["/bin/bash"]}',
    `--LabApp.app_settings_dir=${SETTINGS}`,
  ],
  parts: [settings],
} as const satisfies Partial<Ide>;

/** JupyterLab for an office: its images have `jupyter` on their PATH. */
export type JupyterlabProps = IdeProps;

/**
 * JupyterLab: notebooks with the person's object store, Vault, Git and package mirrors in place, and with databases and MLflow of the same
 * namespace found by themselves. The chart is `jupyter-python`, with other languages `jupyter-r-python`, and `jupyter-python-gpu` with GPUs.
 * This library has an image for Python and one for R and Python; one with Julia is the office's own.
 *
 * @example
 * import { buildCatalog, jupyterlabService } from 'bouture';
 * const python = jupyterlabService({ images: [images.get('jupyter-python')] });
 * const r = jupyterlabService({ images: [images.get('r-python')], languages: 'r-python' });
 * const catalog = buildCatalog([python, r]);
 */
export function jupyterlabService(props: JupyterlabProps): CatalogService {
  const { name, en, fr, keywords } = spoken(props);
  return ideService(props, {
    name: `jupyter-${name}`,
    description: {
      en: `JupyterLab: notebooks with ${en}, your data and your secrets in place.`,
      fr: `JupyterLab : des notebooks ${fr}, avec vos données et vos secrets.`,
    },
    icon: NOTEBOOK_ICON,
    home: 'https://jupyter.org',
    keywords: [...keywords, 'jupyter'],
    ...JUPYTERLAB,
    notes: {
      address: { en: 'Your notebook:', fr: 'Votre notebook :' },
      password: {
        en: 'JupyterLab asks for the password of the service:',
        fr: 'Le mot de passe du service est le jeton que JupyterLab demande :',
      },
    },
  });
}
