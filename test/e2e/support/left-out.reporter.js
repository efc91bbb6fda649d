/** Names every test that did not run, and says how to run it: nothing is left out silently. */
module.exports = class LeftOut {
  onRunComplete(_contexts, results) {
    const names = results.testResults.flatMap((file) =>
      file.testResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    );
    if (names.length === 0) return;
    process.stderr.write(`\nLeft out at this level (BOUTURE_E2E=full runs them):\n`);
    for (const name of names) process.stderr.write(`  - ${name}\n`);
  }
};
