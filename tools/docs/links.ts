import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * What is wrong with the links of a built site: pages, files and anchors that are not there. Links to other hosts are left alone.
 *
 * @param site its folder
 * @returns `page: href: what is wrong`
 */
export function deadLinks(site: string): readonly string[] {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
  const anchors = new Map<string, ReadonlySet<string>>();
  const anchorsOf = (page: string) => {
    const known = anchors.get(page) ?? new Set(attributes(readFileSync(join(site, page), 'utf8'), 'id'));
    anchors.set(page, known);
    return known;
  };
  return pages.flatMap((page) => {
    const html = readFileSync(join(site, page), 'utf8');
    const targets = new Set([...attributes(html, 'href'), ...attributes(html, 'src')]);
    return [...targets].flatMap((target) => {
      if (/^([a-z]+:|\/\/)/.test(target)) return [];
      const [path = '', fragment = ''] = target.split('#');
      const file = path === '' ? page : fileOf(site, page, path);
      if (file === undefined) return [`${page}: ${target}: there is no such page or file`];
      const missing = fragment !== '' && file.endsWith('.html') && !anchorsOf(file).has(decodeURIComponent(fragment));
      return missing ? [`${page}: ${target}: the page has no such anchor`] : [];
    });
  });
}

function attributes(html: string, name: string): string[] {
  // What is shown as code has its quotes escaped, so that it is not taken for an attribute.
  return [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );
}

/** The file below the site that an address leads to. */
function fileOf(site: string, page: string, address: string): string | undefined {
  const path = decodeURIComponent(address.split('?')[0] ?? '');
  const target = path.startsWith('/') ? path.slice(1) : posix.join(dirname(page), path);
  return [target, posix.join(target, 'index.html'), `${target}.html`].find(
    (candidate) => existsSync(join(site, candidate)) && statSync(join(site, candidate)).isFile(),
  );
}
