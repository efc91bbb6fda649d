/**
 * The program that `pulumi up` runs (Pulumi.yaml): the platform of the configuration file that the stack names with
 * `pulumi config set bouture:config PATH`, or the minimal blueprint's.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, synthesizeConfig } from '../blueprints';
import { defaultConfig } from './default-config';
import { programError } from './program-error';
import { platformProgram, type StackOutputs } from './program';

/** The folder of Pulumi.yaml: the working folder, or one above it. Not every language host tells it to `getRootDirectory()`. */
function projectFolder(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, 'Pulumi.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw programError(`there is no Pulumi.yaml in ${process.cwd()} or above it`);
    folder = parent;
  }
  return folder;
}

/** Pulumi runs the function that a program exports, and takes what it returns for the stack's outputs. */
async function main(): Promise<StackOutputs> {
  try {
    return await platformProgram((config) =>
      synthesizeConfig(config === undefined ? defaultConfig() : resolve(projectFolder(), config)),
    );
  } catch (error) {
    // Told without a stack trace: the file is wrong, not the program.
    throw error instanceof ConfigError ? programError(error.message) : error;
  }
}

module.exports = main;
