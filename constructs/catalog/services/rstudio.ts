import { object, objectName } from '../object';
import { definePart } from '../part';
import type { CatalogService } from '../service';
import { type IdeLanguages, type IdeProps, ideService, spoken } from './ide';

/** Port of RStudio Server. */
const PORT = 8787;
/** Folder in which the container finds the two scripts. */
const FILES = '/opt/bouture/rstudio';
/** Name of user 1000 in the images of Onyxia. */
const PERSON = 'onyxia';

/** A page with a curve, beside a column of boxes. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<rect x="5" y="9" width="54" height="46" rx="4" fill="#eff6ff" stroke="#1d4ed8" stroke-width="3"/>' +
  '<path d="M38 9v46M38 32h21" stroke="#93c5fd" stroke-width="3"/>' +
  '<path d="M11 46c6 0 8-24 13-24s5 14 9 14" fill="none" stroke="#1d4ed8" stroke-width="3"/>' +
  '<path d="M44 18h10M44 25h7M44 41h10M44 48h7" stroke="#60a5fa" stroke-width="3"/></svg>\n';

/**
 * Becomes RStudio Server for the one person whose user this is. Without root it asks nobody for a password by default, it keeps its state
 * where only root may write, and it reads the person's name from `USER`. Its options are those of `server-options.json` in its repository
 * rstudio/rstudio; RenkuLab starts it so on Kubernetes, and the project Rocker with such a helper in containers of Singularity.
 * The key of its cookies is a new one at each start: whoever had signed in signs in again.
 */
export const START_SCRIPT = `#!/bin/bash
set -eu
state=/tmp/rstudio
mkdir -p "$state/data" "$state/database"
chmod 700 "$state"
(umask 077 && cat /proc/sys/kernel/random/uuid >"$state/cookie-key")
printf 'provider=sqlite\\ndirectory=%s\\n' "$state/database" >"$state/database.conf"
USER=$(id -un)
export USER PATH=$PATH:/usr/lib/rstudio-server/bin RS_LOGGER_TYPE=stderr
exec rserver --server-daemonize=0 --server-user="$USER" --server-data-dir="$state/data" --server-pid-file="$state/rserver.pid" \\
  --secure-cookie-key-file="$state/cookie-key" --database-config-file="$state/database.conf" --rsession-which-r="$(command -v R)" \\
  --www-address=0.0.0.0 --www-port=${PORT} --www-verify-user-agent=0 \\
  --auth-none=0 --auth-validate-users=0 --auth-cookies-force-secure=1 --auth-pam-helper-path=${FILES}/sign-in.sh
`;

/**
 * Says by its exit code whether somebody may sign in, in the place of RStudio's program for PAM, which needs root: RStudio Server gives it
 * the name as its first argument and the password on its standard input, as `pamLogin` in `ServerPAMAuth.cpp` of rstudio/rstudio does. Only
 * the person's own name is good. What is compared are hashes, so that the time it takes tells nothing of the password.
 */
export const SIGN_IN_SCRIPT = `#!/bin/bash
set -u
digest() { printf %s "$1" | sha256sum; }
IFS= read -r given
[ -n "$PASSWORD" ] && [ "\${1:-}" = "$(id -un)" ] && [ "$(digest "$given")" = "$(digest "$PASSWORD")" ]
`;

/** The two scripts. */
function scripts() {
  return definePart({}, () => ({
    objects: [object('ConfigMap', 'rstudio', { data: { 'start.sh': START_SCRIPT, 'sign-in.sh': SIGN_IN_SCRIPT } })],
    volumes: [{ name: 'rstudio', configMap: { name: objectName('rstudio'), defaultMode: 0o555 } }],
    mounts: [{ name: 'rstudio', mountPath: FILES, readOnly: true }],
  }));
}

/** RStudio for an office: its images have RStudio Server in `/usr/lib/rstudio-server` or `rserver` on their PATH, and user 1000 has a name. */
export interface RstudioProps extends Omit<IdeProps, 'languages'> {
  /** What the images speak. The name of the chart is `rstudio` for R alone, else `rstudio-` with the languages. @default 'r' */
  readonly languages?: Exclude<IdeLanguages, 'python'>;
}

/**
 * RStudio in the browser: RStudio Server without root, guarded by the password of the service, with the person's object store, Vault, Git
 * and package mirrors in place, and with databases and MLflow of the same namespace found by themselves.
 *
 * RStudio Server is in no package registry, so that this library has no image of it. The lock file names the one of the project Onyxia; an
 * office without internet mirrors it. It has not been run with this chart yet.
 *
 * @example
 * import { buildCatalog, rstudioService } from 'bouture';
 * const catalog = buildCatalog([rstudioService({ images: [images.get('rstudio')] })]);
 */
export function rstudioService({ languages = 'r', ...props }: RstudioProps): CatalogService {
  const { name, en, fr, keywords } = spoken({ ...props, languages });
  return ideService(props, {
    name: name === 'r' ? 'rstudio' : `rstudio-${name}`,
    description: {
      en: `RStudio: an editor with ${en}, your data and your secrets in place.`,
      fr: `RStudio : un éditeur avec ${fr}, vos données et vos secrets.`,
    },
    icon: ICON,
    home: 'https://posit.co/products/open-source/rstudio-server/',
    keywords: [...keywords, 'rstudio'],
    port: { name: 'rstudio', number: PORT },
    passwordVariable: 'PASSWORD',
    // The page that asks for the password.
    health: '/auth-sign-in',
    command: ['bash', `${FILES}/start.sh`],
    notes: {
      address: { en: 'Your editor:', fr: 'Votre éditeur :' },
      password: {
        en: `RStudio asks for a name, \`${PERSON}\`, and the password of the service:`,
        fr: `RStudio demande un nom, \`${PERSON}\`, et le mot de passe du service :`,
      },
    },
    parts: [scripts()],
  });
}
