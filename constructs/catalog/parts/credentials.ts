import type { Expression } from '../expression';
import { choose, equals, isSet, json, sha256, text, when } from '../functions';
import type { CatalogLanguage } from '../localized';
import { BASE_NAME, object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';
import type { TemplateItem } from '../template';

const IF_OFF = { sibling: 'enabled', is: false } as const;

/** The Secret of an id as environment, while the part is on. */
function fromSecret(id: string, enabled: Expression<boolean>) {
  return when(enabled, { secretRef: { name: objectName(id) } });
}

/**
 * The person's own access to the object store, in a Secret: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
 * `AWS_DEFAULT_REGION`, `AWS_S3_ENDPOINT` (a host), `AWS_ENDPOINT_URL` and `S3_ENDPOINT` (addresses), `AWS_PATH_STYLE_ACCESS`, and
 * `AWS_WORKING_DIRECTORY_PATH` where the person has named a bucket.
 */
export function s3() {
  return definePart(
    {
      s3: value.group(
        {
          title: { en: 'Object store', fr: 'Stockage objet' },
          description: {
            en: 'This access ends, usually a day after the launch. What runs for longer reaches your bucket with a new one only.',
            fr: 'Cet accès prend fin, en général un jour après le lancement. Ce qui tourne plus longtemps n’atteint votre bucket qu’avec un nouveau.',
          },
        },
        {
          enabled: value.flag({
            default: true,
            title: { en: 'Give the service your access', fr: 'Donner votre accès au service' },
          }),
          accessKeyId: value.text({ default: '', hiddenIf: IF_OFF, from: injected('s3.AWS_ACCESS_KEY_ID') }),
          secretAccessKey: value.text({
            default: '',
            render: 'password',
            hiddenIf: IF_OFF,
            from: injected('s3.AWS_SECRET_ACCESS_KEY'),
          }),
          sessionToken: value.text({
            default: '',
            render: 'password',
            hiddenIf: IF_OFF,
            from: injected('s3.AWS_SESSION_TOKEN'),
          }),
          endpoint: value.text({ default: '', hiddenIf: IF_OFF, from: injected('s3.AWS_S3_ENDPOINT') }),
          port: value.whole({ default: 443, minimum: 1, hiddenIf: IF_OFF, from: injected('s3.port') }),
          defaultRegion: value.text({
            default: 'us-east-1',
            hiddenIf: IF_OFF,
            from: injected('s3.AWS_DEFAULT_REGION'),
          }),
          pathStyleAccess: value.flag({ default: true, hiddenIf: IF_OFF, from: injected('s3.pathStyleAccess') }),
          workingDirectoryPath: value.text({
            default: '',
            title: { en: 'Bucket, with a folder if you like', fr: 'Bucket, avec un dossier si vous voulez' },
            hiddenIf: IF_OFF,
            from: injected('project.id'),
          }),
        },
      ),
    },
    (values) => {
      const { enabled, endpoint, port, workingDirectoryPath } = values.s3;
      const host = choose<string>(equals(port, 443), endpoint, text`${endpoint}:${port}`);
      const url = choose<string>(isSet(endpoint), text`https://${host}`, '');
      return {
        objects: [
          when(
            enabled,
            object('Secret', 's3', {
              stringData: {
                AWS_ACCESS_KEY_ID: values.s3.accessKeyId,
                AWS_SECRET_ACCESS_KEY: values.s3.secretAccessKey,
                AWS_SESSION_TOKEN: values.s3.sessionToken,
                AWS_DEFAULT_REGION: values.s3.defaultRegion,
                AWS_S3_ENDPOINT: host,
                AWS_ENDPOINT_URL: url,
                S3_ENDPOINT: url,
                AWS_PATH_STYLE_ACCESS: text`${values.s3.pathStyleAccess}`,
                AWS_WORKING_DIRECTORY_PATH: when(isSet(workingDirectoryPath), workingDirectoryPath),
              },
            }),
          ),
        ],
        envFrom: [fromSecret('s3', enabled)],
        podAnnotations: { 'bouture.dev/s3': sha256(json(values.s3)) },
      };
    },
  );
}

/** What a new access consists of. */
const ACCESS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * How a person gives a service that runs for long a new access to the object store, for notes.
 *
 * @param enabled the service has one
 */
export function renewalOf(enabled: Expression<boolean>, language: CatalogLanguage): TemplateItem<string> {
  const patch = `{"stringData": {${ACCESS.map((name) => `"${name}": "'"$${name}"'"`).join(', ')}}}`;
  const command = text`\`kubectl patch secret ${objectName('s3')} --patch '${patch}' && kubectl rollout restart statefulset ${BASE_NAME}\``;
  return when(enabled, [
    '',
    ...(language === 'fr'
      ? [
          'L’accès au stockage objet prend fin, en général un jour après le lancement. Un notebook lancé depuis en a un nouveau : depuis son terminal, avec le rôle Kubernetes `edit`, donnez-le à ce service, et de nouveau après une pause :',
        ]
      : [
          'The access to the object store ends, usually a day after the launch. A notebook launched since has a new one: from its terminal, with the Kubernetes role `edit`, give it to this service, and again after a pause:',
        ]),
    command,
  ]);
}

/**
 * The person's own access to Vault, in a Secret: `VAULT_ADDR`, `VAULT_TOKEN`, `VAULT_MOUNT`, `VAULT_TOP_DIR`, and `VAULT_RELATIVE_PATH`, a
 * secret whose keys the start script makes environment variables.
 */
export function vault() {
  return definePart(
    {
      vault: value.group(
        { title: 'Vault' },
        {
          enabled: value.flag({
            default: true,
            title: { en: 'Give the service your access', fr: 'Donner votre accès au service' },
          }),
          url: value.text({ default: '', hiddenIf: IF_OFF, from: injected('vault.VAULT_ADDR') }),
          token: value.text({ default: '', render: 'password', hiddenIf: IF_OFF, from: injected('vault.VAULT_TOKEN') }),
          mount: value.text({ default: '', hiddenIf: IF_OFF, from: injected('vault.VAULT_MOUNT') }),
          directory: value.text({ default: '', hiddenIf: IF_OFF, from: injected('vault.VAULT_TOP_DIR') }),
          secret: value.text({
            default: '',
            title: {
              en: 'Secret whose keys become environment variables',
              fr: 'Secret dont les clés deviennent des variables d’environnement',
            },
            pattern: '^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$',
            hiddenIf: IF_OFF,
          }),
        },
      ),
    },
    (values) => ({
      objects: [
        when(
          values.vault.enabled,
          object('Secret', 'vault', {
            stringData: {
              VAULT_ADDR: values.vault.url,
              VAULT_TOKEN: values.vault.token,
              VAULT_MOUNT: values.vault.mount,
              VAULT_TOP_DIR: values.vault.directory,
              VAULT_RELATIVE_PATH: values.vault.secret,
            },
          }),
        ),
      ],
      envFrom: [fromSecret('vault', values.vault.enabled)],
      podAnnotations: { 'bouture.dev/vault': sha256(json(values.vault)) },
    }),
  );
}

/**
 * The person's name and token for Git, and a repository that the start script clones, in a Secret: `GIT_USER_NAME`, `GIT_USER_MAIL`,
 * `GIT_CREDENTIALS_CACHE_DURATION`, `GIT_PERSONAL_ACCESS_TOKEN`, `GIT_REPOSITORY`, `GIT_BRANCH`.
 */
export function git() {
  return definePart(
    {
      git: value.group(
        { title: 'Git' },
        {
          enabled: value.flag({ default: true, title: { en: 'Configure Git', fr: 'Configurer Git' } }),
          name: value.text({
            default: '',
            title: { en: 'Your name', fr: 'Votre nom' },
            hiddenIf: IF_OFF,
            from: injected('git.name'),
          }),
          email: value.text({
            default: '',
            title: { en: 'Your address', fr: 'Votre adresse' },
            hiddenIf: IF_OFF,
            from: injected('git.email'),
          }),
          cache: value.text({
            default: '',
            title: {
              en: 'How long Git remembers a password, in seconds',
              fr: 'Durée pendant laquelle Git retient un mot de passe, en secondes',
            },
            pattern: '^[0-9]*$',
            hiddenIf: IF_OFF,
            from: injected('git.credentials_cache_duration'),
          }),
          token: value.text({
            default: '',
            title: { en: 'Access token', fr: 'Jeton d’accès' },
            render: 'password',
            hiddenIf: IF_OFF,
            from: injected('git.token'),
          }),
          repository: value.text({
            default: '',
            title: { en: 'Repository to clone', fr: 'Dépôt à cloner' },
            pattern: '^(https://[^\\s@]+)?$',
            hiddenIf: IF_OFF,
          }),
          branch: value.text({
            default: '',
            title: { en: 'Branch', fr: 'Branche' },
            pattern: '^([A-Za-z0-9_][A-Za-z0-9_./-]*)?$',
            hiddenIf: IF_OFF,
          }),
        },
      ),
    },
    (values) => ({
      objects: [
        when(
          values.git.enabled,
          object('Secret', 'git', {
            stringData: {
              GIT_USER_NAME: values.git.name,
              GIT_USER_MAIL: values.git.email,
              GIT_CREDENTIALS_CACHE_DURATION: values.git.cache,
              GIT_PERSONAL_ACCESS_TOKEN: values.git.token,
              GIT_REPOSITORY: values.git.repository,
              GIT_BRANCH: values.git.branch,
            },
          }),
        ),
      ],
      envFrom: [fromSecret('git', values.git.enabled)],
      podAnnotations: { 'bouture.dev/git': sha256(json(values.git)) },
    }),
  );
}
