import { z } from 'zod';
import { type Route, route } from './route.js';

const get = { method: 'GET' as const, query: z.object({}), body: z.undefined(), open: true };

/** Probes; on both ports. */
export const health: readonly Route[] = [
  route({
    ...get,
    path: '/healthz',
    summary: 'Whether the process answers',
    response: z.object({ status: z.literal('alive') }),
    handle: () => ({ body: { status: 'alive' } }),
  }),
  route({
    ...get,
    path: '/readyz',
    summary: 'Whether requests should be sent here: 503 with the reason when not',
    response: z.object({ status: z.string() }),
    handle: (service) => {
      const reason = service.notReady;
      return { status: reason === undefined ? 200 : 503, body: { status: reason ?? 'ready' } };
    },
  }),
];
