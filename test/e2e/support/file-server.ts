/** A program in Python that writes a small package for pip to the path that it is given. */
export const WHEEL_SCRIPT = `
import sys, zipfile
info = "surveykit-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("surveykit.py", "def answer():\\n    return 42\\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: surveykit\\nVersion: 1.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

/** A script of bash that makes a folder `cran`, a repository for R with a small package, where it is run. */
export const CRAN_SCRIPT = String.raw`
mkdir -p surveykit/R cran/src/contrib
printf 'Package: surveykit\nVersion: 1.0\nTitle: Survey Kit\nDescription: Answers.\nLicense: GPL-3\n' >surveykit/DESCRIPTION
echo 'export(answer)' >surveykit/NAMESPACE
echo 'answer <- function() 42' >surveykit/R/answer.R
tar -czf cran/src/contrib/surveykit_1.0.tar.gz surveykit
rm -r surveykit
printf 'Package: surveykit\nVersion: 1.0\nNeedsCompilation: no\n' >cran/src/contrib/PACKAGES
`;

export interface FileServerProps {
  readonly namespace: string;
  readonly host: string;
  /** The toolbox. */
  readonly image: string;
  /** What is served: an archive of tar, in base64. */
  readonly archive: string;
}

/** A small web server that gives the files of an archive, under a host. */
export function fileServer({ namespace, host, image, archive }: FileServerProps): object[] {
  const metadata = { name: 'files', namespace, labels: { app: 'files' } };
  const command = 'mkdir /tmp/www && tar -xf /files/files.tar -C /tmp/www && exec busybox httpd -f -p 8080 -h /tmp/www';
  const backend = { service: { name: 'files', port: { number: 80 } } };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData: { 'files.tar': archive } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'files',
            image,
            command: ['sh', '-c', command],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'files', mountPath: '/files' }],
          },
        ],
        volumes: [{ name: 'files', configMap: { name: 'files' } }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: 'files' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        ingressClassName: 'traefik',
        tls: [{ hosts: [host] }],
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
    },
  ];
}
