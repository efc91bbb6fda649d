import { html } from 'npm:htl';
import * as Plot from 'npm:@observablehq/plot';
import { load } from './data.js';
import { labels } from './labels.js';
import { byLevel, chart, nothing, percent, stamp, table, wrapped } from './parts.js';

function distribution(rows, settings, text, language) {
  const parts = rows.flatMap((row) => [
    { ...row, part: text.automatic, rows: row.automatic },
    { ...row, part: text.manual, rows: row.descriptions - row.automatic },
  ]);
  return chart(text.distribution, language, {
    color: { legend: true, domain: [text.automatic, text.manual], range: ['#2a9d8f', '#e9a23b'] },
    x: { label: text.confidence, domain: [0, 1] },
    y: { grid: true, label: text.descriptions },
    marks: [
      Plot.rectY(parts, { x1: 'bin_from', x2: 'bin_to', y: 'rows', fill: 'part', insetLeft: 1, tip: true }),
      Plot.ruleX([settings.threshold], { stroke: 'black', strokeDasharray: '4' }),
    ],
  });
}

function comparison(rows, settings, text, language) {
  const parts = rows
    .filter(({ bin_from }) => bin_from !== null)
    .flatMap((row) => [
      { x: (row.bin_from + row.bin_to) / 2, window: text.reference, share: row.reference_share ?? 0 },
      { x: (row.bin_from + row.bin_to) / 2, window: text.current, share: row.current_share ?? 0 },
    ]);
  return chart(
    `${text.comparison}: ${settings.reference_from} – ${settings.reference_to}, ${settings.current_from} – ${settings.current_to}`,
    language,
    {
      color: { legend: true, domain: [text.reference, text.current] },
      x: { label: text.confidence, domain: [0, 1] },
      y: { grid: true, percent: true, label: '%' },
      marks: [
        Plot.ruleY([0]),
        Plot.lineY(parts, { x: 'x', y: 'share', stroke: 'window', curve: 'step', strokeWidth: 2 }),
      ],
    },
  );
}

function bars(title, rows, x, text, language, horizontal = false) {
  const marks = horizontal
    ? [Plot.barX(rows, { x: 'descriptions', y: x, sort: { y: '-x' }, fill: 'steelblue', tip: true }), Plot.ruleX([0])]
    : [Plot.barY(rows, { x, y: 'descriptions', fill: 'steelblue', tip: true }), Plot.ruleY([0])];
  return chart(
    title,
    language,
    horizontal
      ? { marginLeft: 110, x: { grid: true, label: text.descriptions }, y: { label: null }, marks }
      : { x: { label: null, type: 'band' }, y: { grid: true, label: text.descriptions }, marks },
  );
}

function driftTable(reports, text, language) {
  if (reports.length === 0)
    return html`<div class="card">
      <h2>${text.drift}</h2>
      <p>${text.noDrift}</p>
    </div>`;
  const rows = [...reports].reverse().map((report) => ({
    ...report,
    decision: text.decision[report.decision],
    accuracy: percent(report.accuracy?.value, language),
  }));
  return table(text.drift, language, rows, {
    date: text.date,
    decision: text.drift,
    p_value: 'p',
    accuracy: text.accuracy,
    reason: text.reason,
  });
}

/** What two windows are compared by, in the words of the page. */
function metricsOf(rows, text) {
  return rows.map((row) => {
    const level = /^level_(\d)$/.exec(row.aspect)?.[1];
    return { ...row, aspect: level === undefined ? text.confidence : text.levels[level - 1] };
  });
}

/** What was coded, how surely, and what has changed. */
export async function monitoring(language) {
  const text = labels[language];
  const found = await load(
    ...[
      'settings',
      'drift',
      'confidence',
      'windows',
      'windowMetrics',
      'codes',
      'confidenceByLevel',
      'wordsPerLabel',
      'sentencesPerLabel',
    ],
    ...['frequentWords', 'models', 'shadow', 'leftOut'],
  );
  if (!found.settings.records) return nothing(text, found.settings, language);
  // After a revision the table has codes of two nomenclatures, and some of them look the same.
  const isCurrent = ({ nomenclature }) => nomenclature === found.settings.current_nomenclature;
  const isRevised = !found.codes.every(isCurrent);
  const named = {
    ...(isRevised ? { nomenclature: text.nomenclature } : {}),
    ...{ code: text.code, label: text.label, descriptions: text.descriptions },
  };
  return html`<div>
    ${stamp(text, found.settings, language)}
    <div class="grid grid-cols-2">
      ${distribution(found.confidence, found.settings, text, language)}
      ${comparison(found.windows, found.settings, text, language)}
    </div>
    ${table(text.metrics, language, metricsOf(found.windowMetrics, text), {
      aspect: text.aspect,
      reference_rows: text.reference,
      current_rows: text.current,
      bhattacharyya: 'Bhattacharyya',
      kullback_leibler: 'Kullback-Leibler',
      hellinger: 'Hellinger',
      kolmogorov_smirnov: 'Kolmogorov-Smirnov',
      chi_squared: 'χ²',
      chi_squared_degrees: 'χ² ddl / df',
    })}
    ${driftTable(found.drift, text, language)}
    ${byLevel(text.level, text.levels, (level) => {
      const codes = found.codes.filter((row) => row.level === level);
      return html`<div>
        <div class="grid grid-cols-2">
          ${bars(text.byLevel, codes.filter(isCurrent).slice(0, 25), 'code', text, language, true)}
          ${table(text.byLevel, language, codes, { ...named, share: '%' }, { format: { label: wrapped, share: (value) => percent(value, language) } })}
        </div>
        ${table(
          text.hardest,
          language,
          found.confidenceByLevel.filter((row) => row.level === level && row.descriptions >= 5),
          { ...named, mean_confidence: text.mean, automatic_share: text.share },
          { format: { label: wrapped, automatic_share: (value) => percent(value, language) } },
        )}
      </div>`;
    })}
    <div class="grid grid-cols-3">
      ${bars(text.words, found.wordsPerLabel, 'words', text, language)}
      ${bars(text.sentences, found.sentencesPerLabel, 'sentences', text, language)}
      ${bars(text.frequent, found.frequentWords.slice(0, 25), 'word', text, language, true)}
    </div>
    <div class="grid grid-cols-2">
      ${chart(text.models, language, {
        color: { legend: true, type: 'ordinal' },
        x: { type: 'utc', label: null },
        y: { grid: true, label: text.descriptions },
        marks: [
          Plot.rectY(
            found.models.map((row) => ({ ...row, date: new Date(row.date) })),
            { x: 'date', interval: 'day', y: 'descriptions', fill: 'model_version', tip: true },
          ),
        ],
      })}
      ${
        found.shadow.length === 0
          ? ''
          : table(text.shadow, language, found.shadow, {
              shadow_version: text.version,
              descriptions: text.descriptions,
              level_1: text.levels[0],
              level_2: text.levels[1],
              level_3: text.levels[2],
              level_4: text.levels[3],
              level_5: text.levels[4],
            })
      }
      ${found.leftOut.length === 0 ? '' : table(text.leftOut, language, found.leftOut, { index: text.confidence, descriptions: text.descriptions, first: '≥', last: '≤' })}
    </div>
  </div>`;
}
