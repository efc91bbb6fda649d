/* eslint-disable @typescript-eslint/no-require-imports --
   What is loaded here brings cdk8s with it, which checking a configuration must not; and it is needed at once, not as a promise. */

/** cdk8s itself. */
export const cdk8s = () => require('cdk8s') as typeof import('cdk8s');

/** Synthesis of a platform. */
export const synthesis = () =>
  require('../constructs/platform/synthesis') as typeof import('../constructs/platform/synthesis');

/** The composition of the blueprint minimal. */
export const composeMinimal = () => (require('./minimal/compose') as typeof import('./minimal/compose')).composeMinimal;

/** The composition of the blueprint nace-coding. */
export const composeNaceCoding = () =>
  (require('./nace-coding/compose') as typeof import('./nace-coding/compose')).composeNaceCoding;

/** The composition of the blueprint sspcloud. */
export const composeSspcloud = () =>
  (require('./sspcloud/compose') as typeof import('./sspcloud/compose')).composeSspcloud;

/** Who signs for the databases of AWS. */
export const amazonAuthority = () =>
  (require('./parts/amazon-authority') as typeof import('./parts/amazon-authority')).amazonAuthority;

/** What runs an office's program. */
export const officeProgram = () => require('./office-program') as typeof import('./office-program');
