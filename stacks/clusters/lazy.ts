/* eslint-disable @typescript-eslint/no-require-imports --
   The package of a cloud is large and optional: it is loaded where a configuration names the cloud, at once and not as a promise. */
import { programError } from '../program-error';

/** Loads a cloud. @throws RunError when its package is not installed */
function load<T>(packageName: string, range: string, cloud: () => T): T {
  try {
    return cloud();
  } catch (error) {
    const { code, message = '' } = error as { readonly code?: string; readonly message?: string };
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${packageName}`)) throw error;
    const name = packageName.replace('@pulumi/', '');
    throw programError(
      `cluster.${name} needs the package ${packageName}, which is not installed: npm install --save-dev '${packageName}@${range}'`,
    );
  }
}

/** A cluster at AWS. */
export const awsCluster = () =>
  load('@pulumi/aws', '^7', () => (require('./aws') as typeof import('./aws')).awsCluster);

/** A cluster at Google Cloud. */
export const gcpCluster = () =>
  load('@pulumi/gcp', '^9', () => (require('./gcp') as typeof import('./gcp')).gcpCluster);

/** A cluster at Azure. */
export const azureCluster = () =>
  load('@pulumi/azure', '^6', () => (require('./azure') as typeof import('./azure')).azureCluster);
