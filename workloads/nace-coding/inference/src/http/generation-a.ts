import { z } from 'zod';
import type { Form } from '../preprocess/preprocessor.js';
import { checkEchoes, itemOf, itemSchema, optionsShape } from './echoes.js';
import { fieldOf, fieldSchemas, NO_FIELDS, refuse, textOf } from './forms.js';
import type { Detail } from './problem.js';
import { Problem } from './problem.js';
import { type Route, route } from './route.js';

/** The routes of the fastText generation of Insee's service. What is wrong in a value is answered 400. */

const names = { type_: 'type', nature: 'nature', surface: 'surface', event: 'event' } as const;

const column = (schema: z.ZodType<string | null | undefined>) => z.array(schema).optional();
const batchShape = {
  text_description: z.array(z.string().nullable()).min(1),
  type_: column(fieldSchemas.type),
  nature: column(fieldSchemas.nature),
  surface: column(fieldSchemas.surface),
  event: column(fieldSchemas.event),
};
const batchSchema = z.object(batchShape);

/** The forms of parallel lists. @throws Problem 400 with every value that is wrong, and every description that is empty */
function formsOf(body: z.output<typeof batchSchema>, longest: number): Form[] {
  const rows = body.text_description.length;
  const details: Detail[] = [];
  for (const name of Object.keys(names) as (keyof typeof names)[]) {
    const given = body[name]?.length;
    if (given !== undefined && given !== rows) {
      details.push({ loc: ['body', name], msg: `${given} values given, ${rows} expected`, type: 'value_error' });
    }
  }
  const blank = body.text_description.flatMap((text, row) => (isBlank(text) ? [row] : []));
  if (blank.length > 0) {
    const msg = `empty descriptions at ${blank.slice(0, 50).join(', ')}`;
    details.push({ loc: ['body', 'text_description'], msg, type: 'value_error' });
  }
  refuse(400, details);
  const forms = body.text_description.map((text, row) => {
    const form = { text: textOf(text ?? '', ['body', 'text_description', row], longest, details), ...NO_FIELDS };
    for (const [name, field] of Object.entries(names) as [keyof typeof names, (typeof names)[keyof typeof names]][]) {
      form[field] = fieldOf(field, body[name]?.[row], ['body', name, row], details);
    }
    return form;
  });
  refuseForms(details);
  return forms;
}

const isBlank = (text: string | null): boolean => text === null || text.trim() === '';

/** Too long is 422 on every route, anything else 400. */
function refuseForms(details: readonly Detail[]): void {
  refuse(
    422,
    details.filter(({ type }) => type === 'string_too_long'),
  );
  refuse(400, details);
}

const about = route({
  method: 'GET',
  path: '/',
  summary: 'What serves',
  query: z.object({}),
  body: z.undefined(),
  response: z.object({
    Message: z.string(),
    Model_name: z.string(),
    Model_version: z.string(),
    Metrics: z.record(z.string(), z.union([z.number(), z.string()])),
  }),
  handle: (service) => {
    const { version, metrics } = service.model();
    const shown = Object.entries(metrics).map(([name, value]) =>
      name.includes('Result') ? [name, value === 1 ? 'Passed' : 'Failed'] : [name, value],
    );
    const body = {
      Message: 'Codes descriptions of activities',
      Model_name: version.name,
      Model_version: version.version,
      Metrics: Object.fromEntries(shown) as Record<string, unknown>,
    };
    return { body };
  },
});

const predict = route({
  method: 'GET',
  path: '/predict',
  summary: 'Codes one description',
  query: z.object({
    text_feature: z.string().describe('description of the activity'),
    type_liasse: fieldSchemas.type,
    nature: fieldSchemas.nature,
    surface: fieldSchemas.surface,
    event: fieldSchemas.event,
    ...optionsShape,
  }),
  body: z.undefined(),
  response: itemSchema,
  handle: async (service, { query }) => {
    const { limits, confidence } = service.config;
    if (isBlank(query.text_feature)) throw new Problem(400, 'query.text_feature: an empty description');
    const details: Detail[] = [];
    const form: Form = {
      ...NO_FIELDS,
      text: textOf(query.text_feature, ['query', 'text_feature'], limits.charactersPerLabel, details),
      type: fieldOf('type', query.type_liasse, ['query', 'type_liasse'], details),
      nature: fieldOf('nature', query.nature, ['query', 'nature'], details),
      surface: fieldOf('surface', query.surface, ['query', 'surface'], details),
      event: fieldOf('event', query.event, ['query', 'event'], details),
    };
    refuseForms(details);
    const { coded, model, request } = await service.code('/predict', [form], query.nb_echos_max, (all) => {
      checkEchoes(all, query);
    });
    const [only] = coded;
    return { request, body: only === undefined ? {} : itemOf(only, query, model, confidence.threshold) };
  },
});

const predictBatch = route({
  method: 'POST',
  path: '/predict-batch',
  summary: 'Codes the descriptions of parallel lists',
  query: z.object(optionsShape),
  body: batchSchema,
  response: z.array(itemSchema),
  handle: async (service, { query, body }) => {
    const { limits, confidence } = service.config;
    service.checkRows(body.text_description.length);
    const forms = formsOf(body, limits.charactersPerLabel);
    const { coded, model, request } = await service.code('/predict-batch', forms, query.nb_echos_max, (all) => {
      checkEchoes(all, query);
    });
    return { request, body: coded.map((each) => itemOf(each, query, model, confidence.threshold)) };
  },
});

const evaluationSchema = z.object({ ...batchShape, code: z.array(z.string()) });
const columnOf = (values: z.ZodType) => z.record(z.string(), values);

const evaluation = route({
  method: 'POST',
  path: '/evaluation',
  summary: 'Compares with codes that are known; not recorded',
  query: z.object({}),
  body: evaluationSchema,
  response: z.object({
    Probability: columnOf(z.number()),
    IC: columnOf(z.number()),
    Prediction: columnOf(z.string().nullable()),
    Code: columnOf(z.string()),
    Result: columnOf(z.boolean()),
    Lib: columnOf(z.string().nullable()),
  }),
  handle: async (service, { body }) => {
    service.checkRows(body.text_description.length);
    const forms = formsOf(body, service.config.limits.charactersPerLabel);
    if (body.code.length !== forms.length) {
      throw new Problem(400, `body.code: ${body.code.length} values given, ${forms.length} expected`);
    }
    const { coded, model } = await service.ask(forms, 2);
    const columns = <T>(value: (row: number) => T) =>
      Object.fromEntries(coded.map((_, row) => [String(row), value(row)]));
    const best = (row: number) => coded[row]?.predictions[0];
    const answer = {
      Probability: columns((row) => Math.min(1, best(row)?.probability ?? 0)),
      IC: columns((row) => coded[row]?.confidence ?? 0),
      Prediction: columns((row) => best(row)?.code ?? null),
      Code: columns((row) => body.code[row]),
      Result: columns((row) => best(row)?.code === body.code[row]),
      Lib: columns((row) => model.labels.get(best(row)?.code ?? '')?.label ?? null),
    };
    return { body: answer };
  },
});

export const generationA: readonly Route[] = [about, predict, predictBatch, evaluation];
