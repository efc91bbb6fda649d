import { html } from 'npm:htl';
import * as Inputs from 'npm:@observablehq/inputs';
import * as Plot from 'npm:@observablehq/plot';
import { load } from './data.js';
import { labels } from './labels.js';
import { chart, figure, nothing, percent, stamp } from './parts.js';

function lollipop(rows, x, text) {
  const dated = rows.map((row) => ({ ...row, [x]: new Date(row[x]) }));
  return {
    x: { type: 'utc', label: null },
    y: { grid: true, label: text.descriptions },
    color: { type: 'linear', scheme: 'RdYlGn', domain: [0, 1], legend: true, label: text.share },
    marks: [
      Plot.ruleY([0]),
      Plot.ruleX(dated, { x, y: 'descriptions', stroke: 'automatic_share', strokeWidth: 2 }),
      Plot.dot(dated, { x, y: 'descriptions', fill: 'automatic_share', r: 4, tip: true }),
    ],
  };
}

/** How much was coded, and how much of it automatically. */
export async function home(language) {
  const text = labels[language];
  const { settings, requestsPerDay, requestsPerWeek, automaticShare } = await load(
    'settings',
    'requestsPerDay',
    'requestsPerWeek',
    'automaticShare',
  );
  if (!settings.records) return nothing(text, settings, language);
  const sum = (name) => requestsPerDay.reduce((total, row) => total + row[name], 0);
  const slider = Inputs.range([0, 1], { step: 0.01, value: settings.threshold, label: text.threshold });
  const shown = html`<span class="big"></span>`;
  const update = () => {
    const found = automaticShare.find(({ threshold }) => Math.abs(threshold - slider.value) < 0.005);
    shown.textContent = percent(found?.automatic_share, language);
  };
  slider.addEventListener('input', update);
  update();
  return html`<div>
    ${stamp(text, settings, language)}
    <div class="grid grid-cols-4">
      ${figure(text.requests, sum('requests').toLocaleString(language))}
      ${figure(text.descriptions, sum('descriptions').toLocaleString(language))}
      ${figure(text.share, percent(sum('descriptions') ? sum('automatic') / sum('descriptions') : null, language))}
      <div class="card">
        <h2>${text.shareAt}</h2>
        ${shown}${slider}
      </div>
    </div>
    <div class="grid grid-cols-2">
      ${chart(text.perDay, language, lollipop(requestsPerDay, 'date', text))}
      ${chart(text.perWeek, language, lollipop(requestsPerWeek, 'week', text))}
    </div>
  </div>`;
}
