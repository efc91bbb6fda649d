const { FULL_LEVEL_FILES, isFull } = require('./support/full-level');

/** What needs the real cluster. One file after the other, in the order of their names; each one also runs alone. */
module.exports = {
  testEnvironment: 'node',
  rootDir: '.',
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: isFull ? [] : FULL_LEVEL_FILES.map((name) => `/e2e/${name.replaceAll('.', '\\.')}$`),
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: '<rootDir>/../../tsconfig.json' }] },
  maxWorkers: 1,
  testTimeout: 15 * 60 * 1000,
  testSequencer: '<rootDir>/support/by-name.sequencer.js',
  globalSetup: '<rootDir>/support/global-setup.ts',
  reporters: ['default', '<rootDir>/support/left-out.reporter.js'],
};
