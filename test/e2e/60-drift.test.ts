import { get, kubectl, textAt } from './support/kubectl';
import { snapshotOf } from './support/snapshot';
import { ensureStack, NAMESPACES, PLATFORM, unready, up } from './support/stack';

const { mlflow, postgres } = NAMESPACES;

/** The lines of a preview that name objects and fields, without the ones around them. */
function named(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => /^[+~!-] |^ {4}\S/.test(line))
    .sort();
}

describe('what people changed by hand', () => {
  let before: Readonly<Record<string, unknown>>;
  let serverImage: string;

  beforeAll(async () => {
    await ensureStack();
    await up();
    before = await snapshotOf(PLATFORM);
    serverImage = textAt(
      await get('deployment', 'mlflow', mlflow),
      'spec',
      'template',
      'spec',
      'containers',
      0,
      'image',
    );
  });

  /** The next preview names exactly this; `up` puts it right; then nothing is left to change. */
  async function isNamedAndRestored(lines: readonly string[]): Promise<void> {
    expect(named((await up('--preview')).stdout)).toEqual([...lines].sort());
    await up();
    expect(await snapshotOf(PLATFORM)).toEqual(before);
    expect(await unready()).toEqual([]);
    await up('--preview', '--expect-no-changes');
  }

  test('an image, a variable and the replicas of a Deployment', async () => {
    await kubectl(['set', 'image', '-n', mlflow, 'deployment/mlflow', 'server=registry.example.org/other:1']);
    await kubectl(['set', 'env', '-n', mlflow, 'deployment/mlflow', '-c', 'server', 'EDITED=by-hand']);
    await kubectl(['scale', '-n', mlflow, 'deployment/mlflow', '--replicas=0']);
    await isNamedAndRestored([
      `~ Deployment ${mlflow}/mlflow  update`,
      `    spec.replicas: 0 -> 1`,
      `    spec.template.spec.containers[0].image: "registry.example.org/other:1" -> "${serverImage}"`,
      `~ Deployment ${mlflow}/mlflow  spec.template.spec.containers[server].env[EDITED]: is not in the configuration (kubectl-set)`,
    ]);
  });

  test('a NetworkPolicy that was deleted, and one that was opened', async () => {
    await kubectl(['delete', 'networkpolicy', '-n', postgres, 'postgres']);
    const open = [{ op: 'add', path: '/spec/ingress', value: [{}] }];
    await kubectl([
      'patch',
      'networkpolicy',
      '-n',
      mlflow,
      'default-deny',
      '--type=json',
      `-p=${JSON.stringify(open)}`,
    ]);
    await isNamedAndRestored([
      `+ NetworkPolicy ${postgres}/postgres  create`,
      `~ NetworkPolicy ${mlflow}/default-deny  spec.ingress: is not in the configuration (kubectl-patch)`,
    ]);
  });

  test('a StatefulSet that was scaled', async () => {
    await kubectl(['scale', '-n', postgres, 'statefulset/postgres', '--replicas=0']);
    await isNamedAndRestored([`~ StatefulSet ${postgres}/postgres  update`, `    spec.replicas: 0 -> 1`]);
  });
});
