import { FileAttachment } from 'observablehq:stdlib';

/** What the panels' SQL gave when the site was rendered. */
export const data = {
  settings: FileAttachment('../data/panels/settings.json'),
  drift: FileAttachment('../data/panels/drift.json'),
  requestsPerDay: FileAttachment('../data/panels/requests-per-day.json'),
  requestsPerWeek: FileAttachment('../data/panels/requests-per-week.json'),
  automaticShare: FileAttachment('../data/panels/automatic-share-by-threshold.json'),
  confidence: FileAttachment('../data/panels/confidence-distribution.json'),
  windows: FileAttachment('../data/panels/window-comparison.json'),
  windowMetrics: FileAttachment('../data/panels/window-metrics.json'),
  codes: FileAttachment('../data/panels/codes-by-level.json'),
  confidenceByLevel: FileAttachment('../data/panels/confidence-by-level.json'),
  wordsPerLabel: FileAttachment('../data/panels/words-per-label.json'),
  sentencesPerLabel: FileAttachment('../data/panels/sentences-per-label.json'),
  frequentWords: FileAttachment('../data/panels/frequent-words.json'),
  models: FileAttachment('../data/panels/models-per-day.json'),
  shadow: FileAttachment('../data/panels/shadow-agreement.json'),
  leftOut: FileAttachment('../data/panels/records-left-out.json'),
  goldSummary: FileAttachment('../data/panels/gold-summary.json'),
  goldConfidence: FileAttachment('../data/panels/gold-confidence.json'),
  accuracyByLevel: FileAttachment('../data/panels/accuracy-by-level.json'),
  accuracyByThreshold: FileAttachment('../data/panels/accuracy-by-threshold.json'),
  topFive: FileAttachment('../data/panels/top-five.json'),
  monthly: FileAttachment('../data/panels/monthly-accuracy.json'),
};

/** The rows of some panels, by name. */
export async function load(...names) {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await data[name].json()])));
}
