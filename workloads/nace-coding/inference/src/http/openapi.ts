import { z } from 'zod';
import { explanations } from './explain.js';
import { generationA } from './generation-a.js';
import { generationC } from './generation-c.js';
import { health } from './health.js';
import { openInference } from './open-inference.js';
import { type Route, route } from './route.js';

const ERRORS: Readonly<Record<number, string>> = {
  400: 'A value is wrong, or the request cannot be read',
  401: 'No credentials, or wrong ones',
  413: 'Too large, or too many descriptions',
  422: 'The request does not follow the schema',
  429: 'Too many requests: try again after the seconds of Retry-After',
  503: 'No verified model, or records cannot be kept',
};

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const made: Record<string, unknown> = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  delete made['$schema'];
  return made;
};

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

function operation({ path, summary, query, body, response, open }: Route, authenticated: boolean) {
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as ObjectSchema;
  const parameters = [
    ...[...path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(properties).map(([name, schema]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      schema,
    })),
  ];
  const content = (schema: unknown) => ({ 'application/json': { schema } });
  const errors = open ? [] : Object.entries(ERRORS).map(([status, description]) => [status, { description }] as const);
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body.type === 'undefined'
      ? {}
      : { requestBody: { required: true, content: content(jsonSchema(body, 'input')) } }),
    responses: {
      200: { description: 'The answer', content: content(jsonSchema(response, 'output')) },
      ...Object.fromEntries(errors),
    },
    ...(authenticated && !open ? { security: [{ credentials: [] }] } : {}),
  };
}

/** The OpenAPI document of routes. */
export function openApi(
  routes: readonly Route[],
  authentication: 'none' | 'basic' | 'bearer',
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    const path = each.path.replaceAll(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: operation(each, authentication !== 'none') };
  }
  const scheme = { type: 'http', scheme: authentication };
  return {
    openapi: '3.1.0',
    info: { title: 'Coding of descriptions of activities', version: '1.0.0' },
    paths,
    ...(authentication === 'none' ? {} : { components: { securitySchemes: { credentials: scheme } } }),
  };
}

const described: readonly Route[] = [...generationA, ...generationC, ...explanations, ...openInference, ...health];

const document = route({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  query: z.object({}),
  body: z.undefined(),
  response: z.object({ openapi: z.string() }),
  handle: (service) => ({ body: openApi(described, service.config.authentication.kind) }),
});

/** Every route of the port that clients use. */
export const routes: readonly Route[] = [...described, document];
