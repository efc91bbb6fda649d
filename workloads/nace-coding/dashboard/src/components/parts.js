import { html } from 'npm:htl';
import * as Inputs from 'npm:@observablehq/inputs';
import * as Plot from 'npm:@observablehq/plot';
import { resize } from 'observablehq:stdlib';

/** A share in percent, or a dash where there is none. */
export function percent(value, language) {
  if (value == null) return '–';
  return value.toLocaleString(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** A figure with its name. */
export function figure(name, value) {
  return html`<div class="card">
    <h2>${name}</h2>
    <span class="big">${value}</span>
  </div>`;
}

/** A card with a chart as wide as the card. */
export function chart(title, options) {
  return html`<div class="card">
    <h2>${title}</h2>
    ${resize((width) => Plot.plot({ width, marginLeft: 60, ...options }))}
  </div>`;
}

/** A card with a table; `columns` are names of the rows' fields and their titles. */
export function table(title, rows, columns, options = {}) {
  return html`<div class="card">
    <h2>${title}</h2>
    ${Inputs.table(rows, {
      columns: Object.keys(columns),
      header: columns,
      select: false,
      ...options,
    })}
  </div>`;
}

/** A choice of a level of the nomenclature, and what it shows. */
export function byLevel(label, names, show) {
  const choice = Inputs.select([1, 2, 3, 4, 5], { label, format: (level) => names[level - 1], value: 1 });
  const place = html`<div></div>`;
  const update = () => place.replaceChildren(show(choice.value));
  choice.addEventListener('input', update);
  update();
  return html`<div>${choice}${place}</div>`;
}

/** What a page says as long as there is nothing to show. */
export function nothing(text, settings, language) {
  return html`<div>
    ${stamp(text, settings, language)}
    <p>${text.noRecords}</p>
  </div>`;
}

/** A stamp of what the page shows. */
export function stamp(text, settings, language) {
  const rendered = new Date(settings.rendered).toLocaleString(language, { timeZone: 'UTC', timeZoneName: 'short' });
  return html`<p>
    ${text.rendered} ${rendered}; ${text.rule(settings.index, settings.threshold.toLocaleString(language))}.
  </p>`;
}
