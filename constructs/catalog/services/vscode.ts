import { choose, text } from '../functions';
import { object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';
import type { CatalogService } from '../service';
import { type IdeProps, ideService, spoken, WORK } from './ide';

/** Port of code-server. */
const PORT = 8080;
/** Folder in which the container finds the settings that the editor begins with. */
const FILES = '/opt/bouture/vscode';

/** Two windows side by side, with lines of code. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<rect x="5" y="10" width="54" height="44" rx="4" fill="#1e293b" stroke="#0f172a" stroke-width="3"/>' +
  '<path d="M20 10v44" stroke="#475569" stroke-width="3"/>' +
  '<path d="M10 20h5M10 28h5M10 36h5" stroke="#94a3b8" stroke-width="3"/>' +
  '<path d="M27 22h18M33 30h20M33 38h12" stroke="#38bdf8" stroke-width="3"/>' +
  '<path d="M27 46h10" stroke="#fbbf24" stroke-width="3"/></svg>\n';

/**
 * Lays down the settings that the editor begins with, unless a script of the office or of the person did, and becomes the program that it is
 * given. The person may change them afterwards.
 */
const PREPARE = `#!/bin/bash
folder=\${XDG_DATA_HOME:-$HOME/.local/share}/code-server/User
if [ ! -e "$folder/settings.json" ]; then
  mkdir -p "$folder" && cp ${FILES}/settings.json "$folder/settings.json" || echo 'start: no settings for the editor' >&2
fi
exec "$@"
`;

/**
 * The editor asks nobody for anything: usage reports, new versions, extensions, assistants. The folder is the person's own, so it does not
 * ask whether they trust it; yet nothing of a repository runs by itself when it is opened.
 */
const SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'update.showReleaseNotes': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'task.allowAutomaticTasks': 'off',
  'terminal.integrated.defaultProfile.linux': 'bash',
};

/** The editor's first settings, in the colours that the person has chosen in Onyxia. */
function settings(gallery: string | undefined) {
  return definePart(
    {
      appearance: value.group(
        { title: { en: 'Appearance', fr: 'Apparence' } },
        {
          darkMode: value.flag({
            default: false,
            title: { en: 'Dark colours', fr: 'Couleurs sombres' },
            from: injected('user.darkMode'),
          }),
        },
      ),
    },
    ({ appearance }) => {
      const theme = choose<string>(appearance.darkMode, 'Dark Modern', 'Light Modern');
      const fixed = JSON.stringify(SETTINGS, undefined, 2).slice(2);
      return {
        objects: [
          object('ConfigMap', 'vscode', {
            data: {
              'settings.json': text`{\n  "workbench.colorTheme": "${theme}",\n${fixed}\n`,
              'prepare.sh': PREPARE,
            },
          }),
        ],
        volumes: [{ name: 'vscode', configMap: { name: objectName('vscode'), defaultMode: 0o555 } }],
        mounts: [{ name: 'vscode', mountPath: FILES, readOnly: true }],
        env: [
          // Else it takes the PATH of a new login shell, which knows nothing of the image's programs and of the start script.
          { name: 'VSCODE_CLI', value: '1' },
          {
            name: 'EXTENSIONS_GALLERY',
            value: JSON.stringify(
              gallery === undefined
                ? {}
                : {
                    serviceUrl: `${gallery}/gallery`,
                    itemUrl: `${gallery}/item`,
                    resourceUrlTemplate: `${gallery}/unpkg/{publisher}/{name}/{version}/{path}`,
                  },
            ),
          },
        ],
      };
    },
  );
}

/** VSCode for an office: its images have `code-server` on their PATH. */
export interface VscodeProps extends IdeProps {
  /**
   * Address of the office's own Open VSX registry, below which are its `gallery` and `item`: `https://extensions.example.org/vscode`.
   * @default - none: extensions come with the image, or from a file of the person
   */
  readonly extensionGallery?: string;
}

/**
 * VSCode in the browser, as code-server: an editor with the person's object store, Vault, Git and package mirrors in place, and with
 * databases and MLflow of the same namespace found by themselves. The chart is `vscode-python`, with other languages `vscode-r-python`, and
 * `vscode-python-gpu` with GPUs. This library has an image for Python and one for R and Python; one with Julia is the office's own.
 *
 * @throws Error when the gallery is no address
 *
 * @example
 * import { buildCatalog, vscodeService } from 'bouture';
 * const catalog = buildCatalog([vscodeService({ images: [images.get('vscode-python')] })]);
 */
export function vscodeService(props: VscodeProps): CatalogService {
  const { extensionGallery } = props;
  if (extensionGallery !== undefined && !/^https:\/\/[^\s/]+(\/[^\s/]+)*$/.test(extensionGallery)) {
    throw new Error(
      `extensionGallery "${extensionGallery}" is no address: expected https://... without a slash at its end`,
    );
  }
  const { name, en, fr, keywords } = spoken(props);
  return ideService(props, {
    name: `vscode-${name}`,
    description: {
      en: `VSCode: an editor with ${en}, your data and your secrets in place.`,
      fr: `VSCode : un éditeur avec ${fr}, vos données et vos secrets.`,
    },
    icon: ICON,
    home: 'https://coder.com/docs/code-server',
    keywords: [...keywords, 'vscode', 'code-server'],
    port: { name: 'vscode', number: PORT },
    passwordVariable: 'PASSWORD',
    // Answers without the password, and says when somebody last worked.
    health: '/healthz',
    command: [
      'bash',
      `${FILES}/prepare.sh`,
      'code-server',
      `--bind-addr=0.0.0.0:${PORT}`,
      '--auth=password',
      '--disable-telemetry',
      '--disable-update-check',
      '--disable-getting-started-override',
      WORK,
    ],
    notes: {
      address: { en: 'Your editor:', fr: 'Votre éditeur :' },
      password: {
        en: 'VSCode asks for the password of the service:',
        fr: 'VSCode demande le mot de passe du service :',
      },
    },
    parts: [settings(extensionGallery)],
  });
}
