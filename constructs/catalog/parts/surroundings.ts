import { isSet, when } from '../functions';
import type { Expression } from '../expression';
import { object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { definePart } from '../part';
import { each } from '../references';
import { value } from '../schema';

/** Environment variables with the same value, while it is not empty. */
function filled(text: Expression<string>, ...names: readonly string[]) {
  return when(
    isSet(text),
    names.map((name) => ({ name, value: text })),
  );
}

/**
 * Mirrors of the office for packages: `PIP_REPOSITORY`, `CONDA_REPOSITORY`, `R_REPOSITORY` and `PACKAGE_MANAGER_URL`, as images of Onyxia
 * read them, and what pip, uv and conda read themselves.
 */
export function packageMirrors() {
  return definePart(
    {
      repository: value.group(
        { title: { en: 'Packages', fr: 'Paquets' }, hidden: true, instanceSchema: 'repository.json' },
        {
          pipRepository: value.text({ default: '', from: injected('packageRepositoryInjection.pypiProxyUrl') }),
          condaRepository: value.text({ default: '', from: injected('packageRepositoryInjection.condaProxyUrl') }),
          rRepository: value.text({ default: '', from: injected('packageRepositoryInjection.cranProxyUrl') }),
          packageManagerUrl: value.text({
            default: '',
            from: injected('packageRepositoryInjection.packageManagerUrl'),
          }),
        },
      ),
    },
    ({ repository: { pipRepository, condaRepository, rRepository, packageManagerUrl } }) => ({
      env: [
        filled(pipRepository, 'PIP_REPOSITORY', 'PIP_INDEX_URL', 'UV_DEFAULT_INDEX'),
        filled(condaRepository, 'CONDA_REPOSITORY', 'CONDA_CHANNELS'),
        filled(rRepository, 'R_REPOSITORY'),
        filled(packageManagerUrl, 'PACKAGE_MANAGER_URL'),
      ],
    }),
  );
}

/** The office's proxy: `http_proxy`, `https_proxy` and `no_proxy`, in both spellings that programs read. */
export function proxy() {
  return definePart(
    {
      proxy: value.group(
        { title: 'Proxy', hidden: true, instanceSchema: 'proxy.json' },
        {
          enabled: value.flag({ default: false }),
          httpProxy: value.text({ default: '', from: injected('proxyInjection.httpProxyUrl') }),
          httpsProxy: value.text({ default: '', from: injected('proxyInjection.httpsProxyUrl') }),
          noProxy: value.text({ default: '', from: injected('proxyInjection.noProxy') }),
        },
      ),
    },
    ({ proxy: { enabled, httpProxy, httpsProxy, noProxy } }) => ({
      env: [
        when(enabled, [
          filled(httpProxy, 'http_proxy', 'HTTP_PROXY'),
          filled(httpsProxy, 'https_proxy', 'HTTPS_PROXY'),
          filled(noProxy, 'no_proxy', 'NO_PROXY'),
        ]),
      ],
    }),
  );
}

/** Folder in which the container finds the office's certificate authorities. */
export const AUTHORITIES = '/opt/bouture/authorities';
/** What programs read that follow no variable: the system's own file, of Debian and Ubuntu. */
export const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
/** File in which the start script puts them together with those of the image. */
export const BUNDLE = '/tmp/bouture/ca-bundle.crt';

/** What the office says of its own certificate authorities. */
export function certificates() {
  return value.group(
    {
      title: { en: 'Certificate authorities', fr: 'Autorités de certification' },
      hidden: true,
      instanceSchema: 'certificates.json',
    },
    {
      cacerts: value.text({
        default: '',
        description: { en: 'In PEM, then in base64', fr: 'En PEM, puis en base64' },
        pattern: '^[A-Za-z0-9+/=\\s]*$',
        from: injected('certificateAuthorityInjection.cacerts'),
      }),
    },
  );
}

/**
 * The office's own certificate authorities. The start script puts them together with those of the image, in the file that the variables of
 * OpenSSL, curl, Git, Python's requests, the AWS clients and Node.js name.
 */
export function caBundle() {
  return definePart({ certificates: certificates() }, ({ certificates: { cacerts } }) => {
    const given = isSet(cacerts);
    const variable = (name: string) => ({ name, value: BUNDLE });
    return {
      objects: [when(given, object('ConfigMap', 'ca', { binaryData: { 'ca.crt': cacerts } }))],
      volumes: [when(given, { name: 'authorities', configMap: { name: objectName('ca') } })],
      mounts: [when(given, { name: 'authorities', mountPath: AUTHORITIES, readOnly: true })],
      env: [
        when(given, [
          variable('SSL_CERT_FILE'),
          variable('REQUESTS_CA_BUNDLE'),
          variable('CURL_CA_BUNDLE'),
          variable('GIT_SSL_CAINFO'),
          variable('AWS_CA_BUNDLE'),
          { name: 'NODE_EXTRA_CA_CERTS', value: `${AUTHORITIES}/ca.crt` },
        ]),
      ],
    };
  });
}

const VARIABLES = value.list(
  value.group(
    {},
    {
      name: value.text({ default: 'NAME', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
      value: value.text({ default: '' }),
    },
  ),
  {
    default: [],
    title: { en: 'Environment variables', fr: 'Variables d’environnement' },
    description: {
      en: 'No place for secrets: those belong into Vault.',
      fr: 'Pas pour des secrets : leur place est dans Vault.',
    },
    instanceSchema: 'ide/extraenv.json',
  },
);

/** Environment variables of the person's own. */
export function extraEnv() {
  return definePart({ extraEnvVars: VARIABLES }, ({ extraEnvVars }) => ({
    env: [each(extraEnvVars, VARIABLES, (variable) => ({ name: variable.name, value: variable.value }))],
  }));
}
