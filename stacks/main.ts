/**
 * The program that `pulumi up` runs (Pulumi.yaml): the platform of the configuration file that the stack names with
 * `pulumi config set bouture:config PATH`, or the minimal blueprint's.
 */
import { resolve } from 'node:path';
import { getRootDirectory, RunError } from '@pulumi/pulumi';
import { ConfigError, synthesizeConfig } from '../blueprints';
import { defaultConfig } from './default-config';
import { platformProgram, type StackOutputs } from './program';

/** Pulumi runs the function that a program exports, and takes what it returns for the stack's outputs. */
async function main(): Promise<StackOutputs> {
  try {
    return await platformProgram((config) =>
      synthesizeConfig(config === undefined ? defaultConfig() : resolve(getRootDirectory(), config)),
    );
  } catch (error) {
    // Told without a stack trace: the file is wrong, not the program.
    throw error instanceof ConfigError ? new RunError(error.message) : error;
  }
}

module.exports = main;
