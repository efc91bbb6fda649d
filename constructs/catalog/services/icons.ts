/** Pictures drawn for this project: plain shapes, no trademark. */
const svg = (shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">${shapes}</svg>\n`;

/** A notebook with a cell that runs. */
export const NOTEBOOK_ICON = svg(
  '<rect x="12" y="6" width="42" height="52" rx="4" fill="#f3f4f6" stroke="#374151" stroke-width="3"/>' +
    '<path d="M20 6v52" stroke="#374151" stroke-width="3"/>' +
    '<rect x="26" y="16" width="22" height="14" rx="2" fill="#f59e0b"/>' +
    '<path d="M34 19l7 4-7 4z" fill="#fff"/>' +
    '<path d="M26 38h22M26 46h14" stroke="#9ca3af" stroke-width="3"/>',
);

/** A drum with two rings, as databases are drawn. */
export const DATABASE_ICON = svg(
  '<path d="M12 16v32c0 5 9 9 20 9s20-4 20-9V16" fill="#dbeafe" stroke="#1e40af" stroke-width="3"/>' +
    '<ellipse cx="32" cy="16" rx="20" ry="9" fill="#eff6ff" stroke="#1e40af" stroke-width="3"/>' +
    '<path d="M12 27c0 5 9 9 20 9s20-4 20-9M12 38c0 5 9 9 20 9s20-4 20-9" fill="none" stroke="#1e40af" stroke-width="3"/>',
);
