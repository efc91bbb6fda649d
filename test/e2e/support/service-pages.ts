import type { Page } from 'playwright-core';
import { undisturbed } from './browser';

/** Where a service is, and what its person logs in with. */
export interface Access {
  readonly host: string;
  readonly password: string;
}

/** How somebody comes into a service with a browser. */
interface ServicePage {
  /** What shows that the page is locked, to somebody who has no password. */
  readonly locked: (page: Page, access: Access) => Promise<boolean>;
  /** Logs in, and waits for what shows that the service is there. */
  readonly enter: (page: Page, access: Access) => Promise<void>;
}

const SECONDS = { timeout: 90_000 };

async function go(page: Page, url: string): Promise<number> {
  return (await undisturbed(() => page.goto(url)))?.status() ?? 0;
}

/** A form of the service's own. */
function form(path: string, user: { readonly field: string; readonly name: string } | undefined, shows: string) {
  const password = 'input[type=password]';
  return {
    locked: async (page: Page, { host }: Access) => {
      await go(page, `https://${host}/`);
      await page.waitForSelector(password, SECONDS);
      return true;
    },
    enter: async (page: Page, { host, password: secret }: Access) => {
      await go(page, `https://${host}${path}`);
      await page.waitForSelector(password, SECONDS);
      if (user !== undefined) await page.fill(user.field, user.name);
      await page.fill(password, secret);
      await page.press(password, 'Enter');
      await page.waitForSelector(shows, SECONDS);
    },
  };
}

/** The question that a browser itself asks. */
function basic(name: string, shows: string): ServicePage {
  return {
    // Without a person, the browser itself gives the answer to its question.
    locked: async (page, { host }) => {
      const problem = await go(page, `https://${host}/`).catch(String);
      return problem === 401 || /ERR_INVALID_AUTH_CREDENTIALS/.test(String(problem));
    },
    enter: async (page, { host, password }) => {
      const credentials = Buffer.from(`${name}:${password}`).toString('base64');
      await page.setExtraHTTPHeaders({ authorization: `Basic ${credentials}` });
      await go(page, `https://${host}/`);
      await page.waitForSelector(shows, SECONDS);
    },
  };
}

const JUPYTERLAB = form('/lab', undefined, '#jp-main-dock-panel');
const VSCODE = form('/', undefined, '.monaco-workbench .explorer-folders-view, .monaco-workbench .editor-container');

/** The services that have pages, by the names of their charts. */
export const SERVICE_PAGES: Readonly<Record<string, ServicePage>> = {
  'jupyter-pyspark': JUPYTERLAB,
  'jupyter-r-python': JUPYTERLAB,
  'vscode-r-python': VSCODE,
  'vscode-python': VSCODE,
  trino: form('/ui/login.html', { field: '#username', name: 'trino' }, 'text=/cluster overview/i'),
  pgadmin: form('/', { field: 'input[name=email]', name: 'alpha@example.org' }, 'text=Object Explorer'),
  mlflow: basic('admin', 'text=Experiments'),
  'label-studio': form('/user/login/', { field: '#email', name: 'alpha@example.org' }, 'text=/create project/i'),
  dashboard: basic('dashboard', 'main h1'),
};
