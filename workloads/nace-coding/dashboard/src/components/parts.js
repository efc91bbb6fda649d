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

/** What stands at a place of an axis: a number or a day as the language writes it, and any other name as it is. */
function tick(language) {
  return (value) => {
    if (value instanceof Date)
      return value.toLocaleDateString(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
    return typeof value === 'number' ? value.toLocaleString(language) : value;
  };
}

/** A card with a chart as wide as the card. */
export function chart(title, language, options) {
  const scales = Object.fromEntries(
    ['x', 'y', 'fx', 'color']
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, { tickFormat: tick(language), ...options[name] }]),
  );
  return html`<div class="card">
    <h2>${title}</h2>
    ${resize((width) => Plot.plot({ width, marginLeft: 60, ...options, ...scales }))}
  </div>`;
}

/** A card with a table; `columns` are names of the rows' fields and their titles. */
export function table(title, language, rows, columns, options = {}) {
  return html`<div class="card">
    <h2>${title}</h2>
    ${Inputs.table(rows, {
      columns: Object.keys(columns),
      header: columns,
      locale: language,
      layout: 'auto',
      select: false,
      ...options,
    })}
  </div>`;
}

/** A text of a table that takes several lines where one is too long. */
export function wrapped(value) {
  return html`<span style="white-space: normal">${value}</span>`;
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
