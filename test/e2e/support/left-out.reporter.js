const { FULL_LEVEL_FILES, isFull } = require('./full-level');

/** Names every test that did not run, and says how to run it: nothing is left out silently. */
module.exports = class LeftOut {
  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap((file) =>
      file.testResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    );
    const names = [...(isFull ? [] : FULL_LEVEL_FILES.map((name) => `the file ${name}`)), ...tests];
    if (names.length === 0) return;
    process.stderr.write(`\nLeft out at this level (BOUTURE_E2E=full runs them):\n`);
    for (const name of names) process.stderr.write(`  - ${name}\n`);
  }
};
