import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackFile } from '../../../cli/deployment/stack-file';
import { temporaryFolder } from '../../support/temporary';

const FOLDER = temporaryFolder();

function stackFile(name: string, text?: string): StackFile {
  const path = join(FOLDER, `Pulumi.${name}.yaml`);
  if (text !== undefined) writeFileSync(path, text);
  return new StackFile(path);
}

const TEXT = `# the office's own
encryptionsalt: v1:abc
config:
  bouture:seed:
    secure: v1:cipher
  bouture:config: office.yaml # chosen by the office
`;

describe('the configuration file of a stack', () => {
  test('tells what it has', () => {
    const file = stackFile('tells', TEXT);
    expect(file.has('bouture:seed')).toBe(true);
    expect(file.has('bouture:rotations')).toBe(false);
    expect(file.get('bouture:config')).toBe('office.yaml');
  });

  test('has nothing when it does not exist', () => {
    const file = stackFile('none');
    expect(file.has('bouture:seed')).toBe(false);
    expect(file.get('bouture:config')).toBeUndefined();
  });

  test('keeps its comments and its secrets when a value changes', () => {
    const file = stackFile('changes', TEXT);
    file.set('bouture:rotations', { 'minio-root': 1 });
    expect(readFileSync(file.path, 'utf8')).toBe(`${TEXT}  bouture:rotations:\n    minio-root: 1\n`);
  });

  test('is made when a value is set', () => {
    const file = stackFile('made');
    file.set('bouture:platform', 'demo');
    expect(readFileSync(file.path, 'utf8')).toBe('config:\n  bouture:platform: demo\n');
  });

  test('is not written when it says so already', () => {
    const file = stackFile('same', TEXT);
    file.set('bouture:config', 'office.yaml');
    expect(readFileSync(file.path, 'utf8')).toBe(TEXT);
  });

  test('stays as it was when whoever rewrites it fails halfway', async () => {
    const file = stackFile('fails', TEXT);
    const rewriting = file.rewrite((draft) => {
      writeFileSync(draft, 'config:\n  half: a');
      return Promise.reject(new Error('killed'));
    });
    await expect(rewriting).rejects.toThrow('killed');
    expect(readFileSync(file.path, 'utf8')).toBe(TEXT);
  });

  test('takes what somebody else wrote in one step, and leaves no draft', async () => {
    const file = stackFile('rewritten', TEXT);
    await file.rewrite((draft) => {
      expect(readFileSync(draft, 'utf8')).toBe(TEXT);
      writeFileSync(draft, `${TEXT}  bouture:more: 1\n`);
      return Promise.resolve();
    });
    expect(file.get('bouture:more')).toBe(1);
    expect(readdirSync(FOLDER).filter((name) => name.startsWith('Pulumi.rewritten'))).toEqual([
      'Pulumi.rewritten.yaml',
    ]);
  });
});
