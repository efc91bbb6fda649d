import { chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labelStudioService, launch } from '../../../constructs';
import { image as reference } from '../../constructs/catalog/fixture';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Running, run } from './commands';
import { at } from './kubectl';
import { inImage, type UnpackedImage } from './local-image';
import { LocalPod } from './local-pod';
import { type LocalStore } from './local-postgres';
import { eventually, Hopeless } from './waiting';

const USER = { uid: 1000, gid: 1000 };
/** Who has the service. */
export const OWNER = { email: 'owner@example.org', password: 'password-of-the-owner' } as const;

/** Of another organisation, and a colleague who was invited. */
export const PEOPLE = {
  alpha: { email: 'alpha@example.org', password: 'password-of-alpha' },
  beta: { email: 'beta@example.org', password: 'password-of-beta' },
} as const;

/** Makes a second organisation with a person of its own, and a colleague of the owner. */
const PEOPLE_SCRIPT = `
import sys
import label_studio
sys.path.insert(0, label_studio.__path__[0])
import django
django.setup()
from organizations.models import Organization
from users.models import User

def person(name):
    return User.objects.create_user(name + "@example.org", "password-of-" + name)

alpha, beta = person("alpha"), person("beta")
first = Organization.objects.first()
first.add_user(alpha)
other = Organization.create_organization(created_by=beta, title="Beta")
for user, organization in ((alpha, first), (beta, other)):
    user.active_organization = organization
    user.save()
`;

/** An answer of Label Studio. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: string;
}

/** What is sent. */
export interface Sent {
  readonly method?: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Name and content of a file. */
  readonly file?: readonly [string, string];
  readonly headers?: readonly string[];
}

/** A browser: it keeps cookies. */
export class Visitor {
  private readonly cookies: string;

  constructor(
    private readonly url: string,
    private readonly folder: string,
    known?: string,
  ) {
    this.cookies = join(mkdtempSync(join(folder, 'visitor-')), 'cookies');
    if (known !== undefined) copyFileSync(known, this.cookies);
  }

  /** The same browser at another server; names of servers differ by their ports, and so it sends what it has. */
  at(other: LocalLabelStudio): Visitor {
    return new Visitor(other.url, this.folder, this.cookies);
  }

  /** Asks; curl, for fetch would tidy the path up. */
  async ask(path: string, { method, json, form, file, headers = [] }: Sent = {}): Promise<Answer> {
    const quoted = (text: string) => JSON.stringify(text);
    const token = await this.csrfToken();
    const config = [
      `url = ${quoted(`${this.url}${path}`)}`,
      ...(method === undefined ? [] : [`request = ${quoted(method)}`]),
      ...(token === '' ? [] : [`header = ${quoted(`X-CSRFToken: ${token}`)}`]),
      ...headers.map((header) => `header = ${quoted(header)}`),
      ...(json === undefined
        ? []
        : ['header = "Content-Type: application/json"', `data = ${quoted(JSON.stringify(json))}`]),
      ...Object.entries(form ?? {}).map(([name, value]) => `data-urlencode = ${quoted(`${name}=${value}`)}`),
      ...(form === undefined ? [] : [`data-urlencode = ${quoted(`csrfmiddlewaretoken=${token}`)}`]),
      ...(file === undefined
        ? []
        : [`form-string = ${quoted(`x=y`)}`, `form = ${quoted(`file=${file[1]};filename=${file[0]}`)}`]),
    ];
    const { stdout } = await run(
      'curl',
      [
        ...['--silent', '--path-as-is', '--max-time', '120', '--include'],
        ...['--cookie', this.cookies, '--cookie-jar', this.cookies, '--write-out', '\n%{http_code}', '--config', '-'],
      ],
      { input: config.join('\n') },
    );
    const [end, begin] = [stdout.lastIndexOf('\n'), stdout.indexOf('\r\n\r\n')];
    return {
      status: Number(stdout.slice(end + 1)),
      headers: stdout.slice(0, begin),
      body: stdout.slice(begin + 4, end),
    };
  }

  /** The answer of a call that must succeed. */
  async call(path: string, sent: Sent = {}): Promise<unknown> {
    const { status, body } = await this.ask(path, sent);
    if (status >= 300) throw new Error(`${path}: ${status} ${body}`);
    return body === '' ? undefined : (JSON.parse(body) as unknown);
  }

  /** Signs in by the form. @returns whether it worked */
  async signIn({ email, password }: { readonly email: string; readonly password: string }): Promise<boolean> {
    await this.ask('/user/login/');
    const { status } = await this.ask('/user/login/', { form: { email, password, persist_session: 'on' } });
    return status === 302;
  }

  /** Signs up by the form. */
  async signUp(email: string, link = '/user/signup/'): Promise<number> {
    await this.ask(link);
    const form = { email, password: 'password-of-a-stranger', allow_newsletters: 'false', how_find_us: 'Github' };
    return (await this.ask(link, { form })).status;
  }

  private async csrfToken(): Promise<string> {
    const { stdout } = await run('sh', ['-c', 'cat "$0" 2>/dev/null || true', this.cookies]);
    return /\tcsrftoken\t(\S+)/.exec(stdout)?.[1] ?? '';
  }
}

/** A Label Studio of the image that runs, with the owner's account and people in two organisations. */
export class LocalLabelStudio {
  /** As its documentation begins: one command, and what it decides by itself. */
  static async quickSetUp(image: UnpackedImage, store: LocalStore): Promise<LocalLabelStudio> {
    const port = await freePort();
    const data = '/tmp/quick';
    mkdirSync(join(image.folder, data));
    chownSync(join(image.folder, data), USER.uid, USER.gid);
    const env = {
      ...accessTo(store),
      LABEL_STUDIO_BASE_DATA_DIR: data,
      DJANGO_SETTINGS_MODULE: 'core.settings.label_studio',
    };
    const command = [
      ...['label-studio', 'start', '--no-browser', '--internal-host', '127.0.0.1', '--port', String(port)],
      ...['--username', OWNER.email, '--password', OWNER.password],
    ];
    return LocalLabelStudio.ready(image, port, inImage(image, USER, command, env), env);
  }

  /**
   * As the service of the catalog starts it, on a copy of the image of its own.
   *
   * @param key by which sessions are signed: each service has made one at random
   */
  static async service(image: UnpackedImage, store: LocalStore, key: string): Promise<LocalLabelStudio> {
    const port = await freePort();
    const objects = launch(labelStudioService({ image: reference('label-studio') }), {
      values: {
        account: { email: OWNER.email },
        security: { password: OWNER.password },
        s3: {
          endpoint: '127.0.0.1',
          port: store.port,
          accessKeyId: store.accessKeyId,
          secretAccessKey: store.secretAccessKey,
        },
      },
    });
    const secrets = objects
      .filter(({ kind }) => kind === 'Secret')
      .flatMap(({ metadata, stringData }) =>
        Object.entries(stringData as Readonly<Record<string, string>>).map(
          ([key, value]) => [`${metadata.namespace ?? ''}/${metadata.name}/${key}`, value] as const,
        ),
      );
    // The chart knows stores with TLS alone.
    const env = { AWS_ENDPOINT_URL: store.endpoint, S3_ENDPOINT: store.endpoint };
    const pod = new LocalPod({ objects: objects.map((manifest) => ({ manifest })) }, 'StatefulSet', 'test', {
      root: image.folder,
      image,
      user: USER,
      secrets: { ...Object.fromEntries(secrets), 'user-test/test-keys/secret-key': key },
      env,
      edit: (text) => text.replace('--bind 0.0.0.0:8080', `--bind 127.0.0.1:${port}`),
    });
    return LocalLabelStudio.ready(image, port, pod.start(), { ...pod.environment, DJANGO_DB: 'sqlite' });
  }

  private static async ready(
    image: UnpackedImage,
    port: number,
    running: Running,
    env: Readonly<Record<string, string>>,
  ): Promise<LocalLabelStudio> {
    const folder = mkdtempSync('/tmp/bl-');
    const url = `http://127.0.0.1:${port}`;
    const server = new LocalLabelStudio(url, running, folder);
    const visitor = server.visitor();
    let hasEnded = false;
    void running.finished.then(() => (hasEnded = true));
    const isReady = async () => {
      if (hasEnded) throw new Hopeless(`Label Studio has ended:\n${running.output.slice(-4000)}`);
      return (await visitor.ask('/health')).status === 200;
    };
    await eventually('Label Studio', isReady, { seconds: 600 }).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    const variables = { ...env, DJANGO_SETTINGS_MODULE: 'core.settings.label_studio' };
    const { code, output } = await inImage(image, USER, ['python3', '-c', PEOPLE_SCRIPT], variables).finished;
    if (code !== 0) throw new Error(output);
    return server;
  }

  private constructor(
    readonly url: string,
    readonly running: Running,
    private readonly folder: string,
  ) {}

  visitor(): Visitor {
    return new Visitor(this.url, this.folder);
  }

  /** Somebody who has signed in. */
  async person(who: { readonly email: string; readonly password: string }): Promise<Visitor> {
    const visitor = this.visitor();
    if (!(await visitor.signIn(who))) throw new Error(`${who.email} cannot sign in`);
    return visitor;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How a program of AWS finds the store. */
function accessTo(store: LocalStore): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: store.endpoint,
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
  };
}

/** The number by which something is known. */
export function idOf(answer: unknown): number {
  return Number(at(answer, 'id'));
}
