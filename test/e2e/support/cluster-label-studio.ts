import { withPortForward } from '../../../tools/quickstart/port-forward';
import { apply, at, kubectl, listAt } from './kubectl';

const LABELS = { 'app.kubernetes.io/name': 'label-studio' };
/** Of the one person who annotates. */
export const LEGACY_TOKEN = '0123456789abcdef0123456789abcdef01234567';

/** A Label Studio in a namespace of people, which is not part of the platform. */
export class ClusterLabelStudio {
  /** Starts it; its first start takes minutes. */
  static async start(namespace: string, image: string): Promise<ClusterLabelStudio> {
    const metadata = { namespace, name: 'label-studio', labels: LABELS };
    const variables = {
      LABEL_STUDIO_BASE_DATA_DIR: '/data',
      LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN: 'true',
      DJANGO_DB: 'sqlite',
    };
    const account = ['--username', 'ada@example.org', '--password', 'password-of-ada', '--user-token', LEGACY_TOKEN];
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: LABELS, ports: [{ port: 80, targetPort: 8080 }] },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: {
          containers: [
            {
              ...{ name: 'label-studio', image },
              command: [
                'label-studio',
                'start',
                '--no-browser',
                '--internal-host',
                '0.0.0.0',
                '--port',
                '8080',
                ...account,
              ],
              env: Object.entries(variables).map(([name, value]) => ({ name, value })),
              readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 5, timeoutSeconds: 5 },
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
            },
          ],
          securityContext: { fsGroup: 1000 },
          volumes: [{ name: 'data', emptyDir: {} }],
        },
      },
    );
    return new ClusterLabelStudio(namespace);
  }

  private constructor(private readonly namespace: string) {}

  /** Address inside the cluster. */
  get url(): string {
    return `http://label-studio.${this.namespace}.svc`;
  }

  /** Waits until it answers. */
  async ready(): Promise<void> {
    await kubectl(['wait', '--for=condition=Ready', 'pod/label-studio', '-n', this.namespace, '--timeout=600s'], {
      timeoutSeconds: 660,
    });
  }

  /**
   * Annotates every task that is there, by the API, as somebody who types the code.
   *
   * @param codeOf what to type, by the text of the task; undefined leaves the task alone
   * @returns how many were annotated
   */
  async annotate(codeOf: (text: string) => string | undefined): Promise<number> {
    return withPortForward(this.namespace, 'pod/label-studio', 8080, async ({ url }) => {
      const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
        const answer = await fetch(`${url}/api/${path}`, {
          method,
          headers: { authorization: `Token ${LEGACY_TOKEN}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
      };
      let annotated = 0;
      for (const project of listAt(await ask('GET', 'projects/?page_size=100'), 'results')) {
        const page = await ask('GET', `tasks?project=${String(at(project, 'id'))}&page_size=1000&fields=all`);
        for (const task of listAt(page, 'tasks')) {
          const code = codeOf(String(at(task, 'data', 'text')));
          if (code === undefined) continue;
          const typed = { from_name: 'remarks', to_name: 'text', type: 'textarea', value: { text: [code] } };
          await ask('POST', `tasks/${String(at(task, 'id'))}/annotations/`, { result: [typed] });
          annotated += 1;
        }
      }
      return annotated;
    });
  }
}
