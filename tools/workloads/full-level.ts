/**
 * Files of tests that run with `BOUTURE_E2E=full` only, by workload: each starts servers and takes minutes, and together they would not fit
 * into the time that a change may take.
 */
export const FULL_LEVEL_FILES: Readonly<Record<string, readonly string[]>> = {
  'nace-coding/annotation': [
    'tests/test_label_studio.py',
    'tests/test_promotion.py',
    'tests/test_revision_scenario.py',
  ],
  'nace-coding/dashboard': ['tests/test_site.py'],
  'nace-coding/etl': ['tests/test_drift.py', 'tests/test_etl.py', 'tests/test_false_alarms.py'],
  'nace-coding/inference': ['tests/platform.test.ts'],
  'nace-coding/training': ['tests/test_lifecycle.py'],
};

/** The files of a workload that are left out now. */
export function leftOut(name: string, level = process.env['BOUTURE_E2E']): readonly string[] {
  return level === 'full' ? [] : (FULL_LEVEL_FILES[name] ?? []);
}
