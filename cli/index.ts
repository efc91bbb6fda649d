/**
 * The commands as functions: each takes its arguments and options, prints as the program does, and returns the exit code: 0 done,
 * 1 failed, 2 bad input.
 */
export * as catalog from './commands/catalog';
export { run as diff } from './commands/diff';
export { run as doctor } from './commands/doctor';
export { run as down } from './commands/down';
export { run as graph } from './commands/graph';
export { run as images } from './commands/images';
export { run as init } from './commands/init';
export { run as secrets } from './commands/secrets';
export { run as synth } from './commands/synth';
export { run as up } from './commands/up';
export { run as validate } from './commands/validate';
