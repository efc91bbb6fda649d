import type { CatalogService } from '../service';
import { NOTEBOOK_ICON } from './icons';
import { type Ide, type IdeProps, ideService, onGpus, WORK } from './ide';

/** Port of JupyterLab. */
const PORT = 8888;

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
    // Neither news nor a newer version is asked for: the office's images say which one it is.
    '--LabApp.news_url=None',
    '--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate',
  ],
} as const satisfies Partial<Ide>;

/** JupyterLab for an office: its images have `jupyter` on their PATH. */
export type JupyterlabProps = IdeProps;

/**
 * JupyterLab with Python: notebooks with the person's object store, Vault, Git and package mirrors in place, and with databases and MLflow
 * of the same namespace found by themselves. The chart is `jupyter-python`, or `jupyter-python-gpu`.
 *
 * @example
 * import { buildCatalog, jupyterlabService } from 'bouture';
 * const catalog = buildCatalog([jupyterlabService({ images: [images.get('jupyter-python')] })]);
 */
export function jupyterlabService(props: JupyterlabProps): CatalogService {
  const gpus = onGpus(props.gpus);
  return ideService(props, {
    name: 'jupyter-python',
    description: {
      en: `JupyterLab: notebooks with Python${gpus.en}, your data and your secrets in place.`,
      fr: `JupyterLab : des notebooks Python${gpus.fr}, avec vos données et vos secrets.`,
    },
    icon: NOTEBOOK_ICON,
    home: 'https://jupyter.org',
    keywords: ['python', 'jupyter'],
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
