import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type DefaultTheme } from 'vitepress';

/** What `npm run docs:build` collects from the repository; see tools/docs. */
const WORK = resolve(import.meta.dirname, '../../.bouture/docs');
const SOURCE = resolve(WORK, 'source');

/** Pages in the order in which they are read. A page of docs/ that stands in none of the groups comes to the last of the guides. */
const START = ['first-hour', 'concepts', 'limits', 'proofs'];
const GUIDES = [
  ...[
    'fork',
    'on-premises',
    'clouds',
    'identity-brokering',
    'people',
    'tenancy',
    'adding-a-service',
    'catalog',
    'onyxia',
  ],
  ...['gitops', 'backup-and-restore', 'secrets', 'pulumi', 'cluster', 'mlops-argo'],
];
const REFERENCE = ['configuration', 'rules', 'benchmarks', 'repository/CHANGELOG', 'repository/CONTRIBUTING'];
const ROOMS = ['platform', 'storage', 'identity', 'secrets', 'mlops', 'delivery', 'onyxia', 'tenancy', 'catalog'];

const pages = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => path.slice(0, -'.md'.length))
  .sort();

function item(page: string): DefaultTheme.SidebarItem {
  const [, title = page] = /^# (.+)$/m.exec(readFileSync(resolve(SOURCE, `${page}.md`), 'utf8')) ?? [];
  return {
    text: title.replace(/(: |, ).*$/, '').replaceAll('`', ''),
    link: `/${page.replace(/(^|\/)index$/, '$1')}`,
  };
}

const items = (names: readonly string[]) => names.filter((name) => pages.includes(name)).map(item);
const below = (folder: string) => pages.filter((page) => page.startsWith(`${folder}/`) && page !== `${folder}/index`);

const known = new Set(['index', ...START, ...GUIDES, ...REFERENCE]);
const further = pages.filter((page) => !known.has(page) && !/^(reference|repository|decisions)\//.test(page));
const constructs = ROOMS.map((room) => ({
  text: room,
  collapsed: true,
  link: `/reference/constructs/${room}/`,
  items: items(below(`reference/constructs/${room}/classes`)),
}));

export default defineConfig({
  lang: 'en',
  title: 'Bouture',
  description: 'An open data-science platform, grown from one configuration file on any Kubernetes',
  srcDir: SOURCE,
  outDir: resolve(WORK, 'site'),
  cacheDir: resolve(WORK, 'cache'),
  cleanUrls: false,
  // Links are checked in what is built, with their anchors and files: tools/docs/links.ts.
  ignoreDeadLinks: true,
  metaChunk: true,
  vite: { publicDir: resolve(SOURCE, 'public'), build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    search: {
      provider: 'local',
      // Who types the name of a setting asks for its line; the names of props stand on many pages.
      options: {
        miniSearch: { searchOptions: { boostDocument: (id: string) => (/^\/configuration/.test(id) ? 3 : 1) } },
      },
    },
    outline: [2, 3],
    nav: [
      { text: 'First hour', link: '/first-hour' },
      { text: 'Guides', link: '/fork' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'Constructs', link: '/reference/' },
      { text: 'Proofs', link: '/proofs' },
    ],
    sidebar: [
      { text: 'Start', items: items(START) },
      {
        text: 'Blueprints',
        items: items(['minimal', 'sspcloud', 'nace-coding'].map((name) => `repository/blueprints/${name}/index`)),
      },
      { text: 'Guides', items: items([...GUIDES, ...further]) },
      { text: 'Reference', items: items(REFERENCE) },
      { text: 'Constructs', items: constructs },
      { text: 'Decisions', collapsed: true, items: items(['decisions/index', ...below('decisions')]) },
    ],
    footer: { message: 'Apache-2.0' },
  },
});
