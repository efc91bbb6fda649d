import { html } from 'npm:htl';
import * as Plot from 'npm:@observablehq/plot';
import { load } from './data.js';
import { labels } from './labels.js';
import { chart, figure, nothing, percent, stamp } from './parts.js';

/** How right the model is, by what people have annotated. */
export async function gold(language) {
  const text = labels[language];
  const found = await load(
    'settings',
    'goldSummary',
    'goldConfidence',
    'accuracyByLevel',
    'accuracyByThreshold',
    'topFive',
    'monthly',
  );
  if (!found.settings.records) return nothing(text, found.settings, language);
  const [summary] = found.goldSummary;
  if (summary.annotated === 0)
    return html`<div>
      ${stamp(text, found.settings, language)}
      <p>${text.noGold}</p>
    </div>`;
  const confidence = found.goldConfidence.flatMap((row) => [
    { ...row, part: text.right, rows: row.correct },
    { ...row, part: text.wrong, rows: -row.wrong },
  ]);
  const curves = found.accuracyByThreshold.flatMap((row) => [
    { threshold: row.threshold, part: text.accuracy, value: row.accuracy },
    { threshold: row.threshold, part: text.accuracyAutomatic, value: row.accuracy_automatic },
    { threshold: row.threshold, part: text.share, value: row.automatic_share },
  ]);
  const levels = found.accuracyByLevel.map((row) => ({
    ...row,
    level: text.levels[row.level - 1],
    population: text[row.population],
  }));
  const share = {
    domain: [0, 1],
    grid: true,
    tickFormat: (value) => value.toLocaleString(language, { style: 'percent' }),
    label: null,
  };
  const monthly = found.monthly.map((row) => ({ ...row, month: new Date(row.month) }));
  return html`<div>
    ${stamp(text, found.settings, language)}
    <p>${text.convention}</p>
    <div class="grid grid-cols-4">
      ${figure(text.annotated, summary.annotated.toLocaleString(language))}
      ${figure(text.share, percent(summary.automatic_share, language))}
      ${figure(text.accuracy, percent(summary.accuracy, language))}
      ${figure(text.accuracyModel, percent(summary.accuracy_model, language))}
    </div>
    <div class="grid grid-cols-2">
      ${chart(text.distribution, language, {
        color: { legend: true, domain: [text.right, text.wrong], range: ['#2a9d8f', '#c8553d'] },
        x: { label: text.confidence, domain: [0, 1] },
        y: { grid: true, label: text.annotated },
        marks: [
          Plot.rectY(confidence, { x1: 'bin_from', x2: 'bin_to', y: 'rows', fill: 'part', insetLeft: 1, tip: true }),
          Plot.ruleY([0]),
          Plot.ruleX([found.settings.threshold], { strokeDasharray: '4' }),
        ],
      })}
      ${chart(text.accuracyLevels, language, {
        color: { legend: true, domain: [text.total, text.automatic, text.manual] },
        fx: { label: null, domain: text.levels },
        x: { axis: null, domain: [text.total, text.automatic, text.manual] },
        y: share,
        marks: [
          Plot.barY(levels, { fx: 'level', x: 'population', y: 'accuracy', fill: 'population', tip: true }),
          Plot.ruleY([0]),
        ],
      })}
      ${chart(text.accuracyThreshold, language, {
        color: { legend: true },
        x: { label: text.threshold },
        y: share,
        marks: [
          Plot.lineY(curves, { x: 'threshold', y: 'value', stroke: 'part', tip: true }),
          Plot.ruleX([found.settings.threshold], { strokeDasharray: '4' }),
        ],
      })}
      ${chart(text.topFive, language, {
        color: { legend: true, domain: [text.automatic, text.manual] },
        x: { label: 'k', ticks: [1, 2, 3, 4, 5], tickFormat: 'd' },
        y: share,
        marks: [
          Plot.lineY(
            found.topFive.map((row) => ({ ...row, population: text[row.population] })),
            { x: 'k', y: 'accuracy', stroke: 'population', marker: true, tip: true },
          ),
        ],
      })}
    </div>
    ${chart(text.monthly, language, {
      marginRight: 40,
      x: {
        type: 'utc',
        label: null,
        ticks: 'month',
        tickFormat: (month) => month.toLocaleDateString(language, { month: 'short', year: 'numeric', timeZone: 'UTC' }),
      },
      y: share,
      marks: [
        Plot.areaY(monthly, { x: 'month', y1: 'low', y2: 'high', fillOpacity: 0.2, fill: 'steelblue' }),
        Plot.ruleX(monthly, { x: 'month', y1: 'low', y2: 'high', stroke: 'steelblue' }),
        Plot.lineY(monthly, { x: 'month', y: 'accuracy', stroke: 'steelblue', marker: true, tip: true }),
      ],
    })}
  </div>`;
}
