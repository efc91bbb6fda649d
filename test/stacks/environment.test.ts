import { existsSync, readFileSync, statSync, writeFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { preparePulumi, pulumiEnvironment } from '../../stacks/environment';
import { temporaryFolder } from '../support/temporary';

const TEMPORARY = temporaryFolder();

function project(yaml = 'name: office\nruntime: nodejs\n'): string {
  const folder = mkdtempSync(join(TEMPORARY, 'project with blanks '));
  writeFileSync(join(folder, 'Pulumi.yaml'), yaml);
  return folder;
}

describe('the environment of Pulumi', () => {
  test('keeps state and passphrase beside the project', () => {
    const root = project();
    const variables = pulumiEnvironment(root, {});
    preparePulumi(variables);
    expect(existsSync(join(root, '.bouture/pulumi'))).toBe(true);
    expect(variables['PULUMI_BACKEND_URL']).toMatch(/^file:\/\/.*project%20with%20blanks%20.*\/\.bouture\/pulumi$/);
    expect(variables['PULUMI_CONFIG_PASSPHRASE_FILE']).toBe(join(root, '.bouture/passphrase'));
  });

  test('makes a passphrase once, which only its owner can read', () => {
    const root = project();
    const variables = pulumiEnvironment(root, {});
    preparePulumi(variables);
    const file = join(root, '.bouture/passphrase');
    const passphrase = readFileSync(file, 'utf8');
    expect(passphrase).toMatch(/^[\w-]{43}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    preparePulumi(variables);
    expect(readFileSync(file, 'utf8')).toBe(passphrase);
  });

  test('leaves alone what the environment says', () => {
    const given = { PULUMI_BACKEND_URL: 's3://state', PULUMI_CONFIG_PASSPHRASE: '', PULUMI_SKIP_CHECKPOINTS: 'false' };
    const variables = pulumiEnvironment(project(), given);
    expect(Object.keys(variables).sort()).toEqual(['PULUMI_EXPERIMENTAL', 'PULUMI_SKIP_UPDATE_CHECK']);
  });

  test('leaves the backend to a project that names one', () => {
    const root = project('name: office\nruntime: nodejs\nbackend: { url: "s3://state" }\n');
    expect(pulumiEnvironment(root, {})).not.toHaveProperty('PULUMI_BACKEND_URL');
  });
});
