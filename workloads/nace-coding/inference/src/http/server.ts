import { isUtf8 } from 'node:buffer';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { RecordingError } from '../records/recorder.js';
import type { Service } from '../service.js';
import type { Authenticator } from './authentication.js';
import { health } from './health.js';
import type { Limits } from './limits.js';
import { routes } from './openapi.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';

const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than that of a proxy, which must be the one that closes. */
const KEEP_ALIVE_MS = 75_000;
const LONGEST_NAME = 500;

export interface ServerProps {
  readonly service: Service;
  readonly authenticator: Authenticator;
  readonly limits: Limits;
  readonly log: Logger;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What must be undone when the request has been answered, or given up. */
    leave: (() => void) | null;
  }
}

function instance(bodyLimit: number): FastifyInstance {
  const server = fastify({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // The address is read by the routes, which refuse what is no UTF-8.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_NAME, querystringParser: () => ({}) },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, jsonOf(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  return server;
}

/** @throws Problem 400 when bytes are no UTF-8, or no JSON */
function jsonOf(body: Buffer): unknown {
  if (!isUtf8(body)) throw new Problem(400, 'the body is no UTF-8');
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch (error) {
    throw new Problem(400, `the body is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : ''}`);
  }
}

async function answer(
  service: Service,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body, params, raw } = request;
  const {
    status = 200,
    body: content,
    request: identifier,
  } = await route.run(service, raw.url ?? '', body ?? undefined, params as Record<string, string>);
  if (identifier !== undefined) reply.header('x-request-id', identifier);
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(content));
}

/** What went wrong, as a status and what clients may know of it. */
function problemOf(error: unknown, log: Logger): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RecordingError) return new Problem(503, error.message, 10);
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new Problem(statusCode, message ?? '');
  log.error({ err: error }, 'a request failed');
  return new Problem(500, 'the request failed; the log of the service says why');
}

function addRoute(server: FastifyInstance, service: Service, route: Route): void {
  const { method, path: url, open, errors } = route;
  server.route({
    method,
    url,
    config: { open, errors },
    handler: async (request, reply) => answer(service, route, request, reply),
  });
}

/** The port that clients use. */
export function clientServer({ service, authenticator, limits, log }: ServerProps): FastifyInstance {
  const { metrics, config } = service;
  const server = instance(config.limits.bodyBytes);
  server.decorateRequest('leave', null);
  server.addHook('onRequest', (request, reply, done) => {
    metrics.inFlight.inc();
    let entered = false;
    request.leave = () => {
      metrics.inFlight.dec();
      if (entered) limits.leave();
      request.leave = null;
    };
    if (service.isStopping) reply.header('connection', 'close');
    if ((request.routeOptions.config as { open?: boolean }).open === true) {
      done();
      return;
    }
    limits.enter();
    entered = true;
    const checking = authenticator.check(request.headers.authorization);
    if (checking === undefined) done();
    else
      checking.then(() => {
        done();
      }, done);
  });
  // A request that the client has given up may have both ends.
  server.addHook('onRequestAbort', (request, done) => {
    request.leave?.();
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    request.leave?.();
    const route = request.routeOptions.url ?? 'none';
    metrics.latency.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  server.setErrorHandler((error, request, reply) => {
    const { status, detail, retryAfter } = problemOf(error, log);
    if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
    if (status === 401 && authenticator.challenge !== undefined) {
      reply.header('www-authenticate', authenticator.challenge);
    }
    const { errors } = request.routeOptions.config as { errors?: Route['errors'] };
    const body =
      errors === 'error' ? { error: typeof detail === 'string' ? detail : JSON.stringify(detail) } : { detail };
    void reply.code(status).send(body);
  });
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
  for (const each of routes) addRoute(server, service, each);
  return server;
}

/** The port of probes and metrics. */
export function managementServer(service: Service): FastifyInstance {
  const { registry } = service.metrics;
  const server = instance(1024);
  for (const each of health) addRoute(server, service, each);
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  return server;
}
