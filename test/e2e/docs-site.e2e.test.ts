import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, devices, type Page } from 'playwright-core';
import { ROOT, run } from './support/commands';
import { ensureDebian } from './support/debian';

const CHROMIUM = '/usr/bin/chromium';
const SITE = join(ROOT, '.bouture/docs/site');
/** Where pictures of the pages go, for people to look at. */
const PICTURES = join(ROOT, '.bouture/docs/pictures');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

let server: Server;
let browser: Browser;
let address = '';

/** The built site, as any web server gives it. */
function serve(): Promise<Server> {
  return new Promise((done) => {
    const started = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
      const file = join(SITE, path.endsWith('/') ? `${path}index.html` : path);
      if (!existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain; charset=utf-8' });
      createReadStream(file).pipe(response);
    }).listen(0, '127.0.0.1', () => {
      done(started);
    });
  });
}

/** Opens a page of the site; what it asks of other hosts or misses, and what its scripts complain of, fails the test. */
async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address))
      complaints.push(`asks ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${address}${path}`, { waitUntil: 'networkidle' });
  expect(complaints).toEqual([]);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  // The bar at the top takes its colour a moment after the page has moved.
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** How far a page is wider than its window, in pixels. */
const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

beforeAll(async () => {
  await ensureDebian({ [CHROMIUM]: 'chromium' });
  if (!existsSync(join(SITE, 'index.html')))
    await run('npm', ['run', '--silent', 'docs:build'], { timeoutSeconds: 900 });
  mkdirSync(PICTURES, { recursive: true });
  server = await serve();
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
});

afterAll(async () => {
  await browser.close();
  server.close();
});

test('the first page leads to the first hour, and from there to a guide', async () => {
  const page = await visit('/');
  await picture(page, 'home');
  await page.getByRole('link', { name: 'The first hour' }).click();
  await page.waitForURL('**/first-hour.html');
  await picture(page, 'first-hour');
  await page.locator('.VPSidebar').getByRole('link', { name: 'Identity brokering' }).click();
  await page.waitForURL('**/identity-brokering.html');
  // The address changes before the page does.
  await page.locator('h1', { hasText: 'Identity brokering' }).waitFor();
});

test('every part of the navigation has pages', async () => {
  const page = await visit('/concepts.html');
  const groups = await page.locator('.VPSidebar .group > .VPSidebarItem > .item .text').allTextContents();
  expect(groups).toEqual(['Start', 'Blueprints', 'Guides', 'Reference', 'Constructs', 'Decisions']);
  expect(await page.locator('.VPSidebar a').count()).toBeGreaterThan(40);
});

test.each([
  ['volumeSize', /Configuration.*objectStore/],
  ['PostgresDatabase', /PostgresDatabase/],
  ['Entra', /Identity brokering/],
])('the search finds %s', async (words, expected) => {
  const page = await visit('/');
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.locator('#localsearch-input').fill(words);
  const results = page.locator('.VPLocalSearchBox .result');
  await results.filter({ hasText: expected }).first().waitFor();
  await picture(page, `search-${words}`);
  await results.filter({ hasText: expected }).first().click();
  await page.waitForURL(/\.html/);
});

test('code is coloured, and copied as it stands', async () => {
  const page = await visit('/fork.html', { permissions: ['clipboard-read', 'clipboard-write'] });
  const block = page.locator('div.language-ts').first();
  expect(await block.locator('span[style*="--shiki-light"]').count()).toBeGreaterThan(20);
  await block.hover();
  await block.locator('button.copy').click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toContain('export default defineOffice({');
  await block.scrollIntoViewIfNeeded();
  await picture(page, 'code');
});

test('a construct has its page, made from its docstring', async () => {
  const page = await visit('/reference/constructs/storage/classes/PostgresDatabase.html');
  expect(await page.locator('.vp-doc').textContent()).toContain('A PostgreSQL server on one volume');
  await picture(page, 'construct');
});

test('the page of claims names commands and results', async () => {
  const page = await visit('/proofs.html');
  const rows = await page.locator('.vp-doc table').first().locator('tbody tr').count();
  expect(rows).toBeGreaterThan(30);
  await picture(page, 'proofs');
});

test('a telephone shows pages within its width, and the menu', async () => {
  const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices['Pixel 5'];
  const phone = { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch };
  for (const path of ['/', '/first-hour.html', '/proofs.html', '/configuration.html', '/tenancy.html']) {
    const page = await visit(path, phone);
    expect({ path, overflow: await overflow(page) }).toEqual({ path, overflow: 0 });
    await picture(page, `phone${path.replace(/\W+/g, '-')}`);
  }
  const page = await visit('/first-hour.html', phone);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.locator('.VPSidebar').getByRole('link', { name: 'Concepts' }).click();
  await page.waitForURL('**/concepts.html');
});

test('the dark theme is that of the system', async () => {
  const page = await visit('/concepts.html', { colorScheme: 'dark' });
  expect(await page.evaluate('document.documentElement.classList.contains("dark")')).toBe(true);
  await picture(page, 'dark');
  const code = await visit('/fork.html', { colorScheme: 'dark' });
  await picture(code, 'dark-code');
  const graph = await visit('/first-hour.html', { colorScheme: 'dark' });
  await graph.locator('.vp-doc img').first().scrollIntoViewIfNeeded();
  await picture(graph, 'dark-picture');
});
