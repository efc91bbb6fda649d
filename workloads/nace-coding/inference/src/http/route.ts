import type { z } from 'zod';
import type { Service } from '../service.js';
import { parsed } from './forms.js';
import { Problem } from './problem.js';

/** What a handler gets. */
interface Input<Query, Body> {
  readonly query: Query;
  readonly body: Body;
  readonly params: Readonly<Record<string, string>>;
}

interface RouteProps<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  /** Path, with parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly query: Query;
  readonly body: Body;
  readonly response: z.ZodType;
  /** Named `detail`, as FastAPI does, or `error`, as the Open Inference Protocol does. */
  readonly errors?: 'detail' | 'error';
  /** Answers without credentials and limits. */
  readonly open?: boolean;
  readonly handle: (service: Service, input: Input<z.output<Query>, z.output<Body>>) => Promise<Reply> | Reply;
}

/** An answer. */
export interface Reply {
  readonly body: unknown;
  /** @default 200 */
  readonly status?: number;
  /** Identifier under which the answer is recorded, for the header `x-request-id`. */
  readonly request?: string;
}

/** One route of the service; the OpenAPI document is made from the same schemas that check requests. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  readonly response: z.ZodType;
  readonly errors: 'detail' | 'error';
  readonly open: boolean;
  /** @throws Problem when the request does not follow the schemas */
  run(service: Service, url: string, body: unknown, params: Readonly<Record<string, string>>): Promise<Reply>;
}

/** Makes a route of what it takes and what it does. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(props: RouteProps<Query, Body>): Route {
  const { query, body, handle } = props;
  return {
    ...props,
    errors: props.errors ?? 'detail',
    open: props.open ?? false,
    run: async (service, url, content, params) =>
      handle(service, {
        query: parsed(query, queryOf(url), 'query') as z.output<Query>,
        body: parsed(body, content, 'body') as z.output<Body>,
        params,
      }),
  };
}

/** Parameters of an address; numbers as numbers. @throws Problem 400 when they are no UTF-8 */
function queryOf(url: string): Record<string, unknown> {
  const start = url.indexOf('?');
  if (start < 0) return {};
  const query: Record<string, unknown> = {};
  for (const part of url.slice(start + 1).split('&')) {
    if (part === '') continue;
    const [name = '', ...value] = part.split('=');
    query[decoded(name)] = decoded(value.join('='));
  }
  for (const name of ['nb_echos_max', 'prob_min'] as const) {
    const value = query[name];
    if (typeof value === 'string' && /^-?[0-9]+(\.[0-9]+)?$/.test(value)) query[name] = Number(value);
  }
  if (query['with_decision'] === 'true' || query['with_decision'] === 'false') {
    query['with_decision'] = query['with_decision'] === 'true';
  }
  return query;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Problem(400, `the address holds ${text.slice(0, 100)}, which is no UTF-8 in percent encoding`);
  }
}
