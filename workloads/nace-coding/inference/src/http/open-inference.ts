import { z } from 'zod';
import type { Form } from '../preprocess/preprocessor.js';
import type { ServedModel } from '../registry/model-slot.js';
import type { Result, Service } from '../service.js';
import { fieldOf, type FieldName, fieldSchemas, NO_FIELDS, refuse, textOf } from './forms.js';
import { type Detail, Problem } from './problem.js';
import { type Route, route } from './route.js';

/** The Open Inference Protocol, version 2, as JSON. */

const NAME = 'nace-inference';
const DEFAULT_CODES = 5;
const FIELDS = Object.keys(fieldSchemas) as FieldName[];

const tensorSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)).min(1).max(2),
  datatype: z.literal('BYTES'),
  data: z.array(z.union([z.string(), z.array(z.string())])),
});

const requestSchema = z.object({
  id: z.string().max(200).optional(),
  parameters: z
    .object({ count: z.int().min(1).max(100).default(DEFAULT_CODES).describe('codes of each description') })
    .prefault({}),
  inputs: z
    .array(tensorSchema)
    .min(1)
    .describe(`"text", and as many of ${FIELDS.join(', ')} as are known; an empty string is a missing value`),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});

const outputSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()),
  data: z.array(z.union([z.string(), z.number()])),
});

const responseSchema = z.object({
  id: z.string(),
  model_name: z.string(),
  model_version: z.string(),
  outputs: z.array(outputSchema),
});

/** Tensors of an answer; -1 stands for the number of descriptions, and of codes. */
const OUTPUTS = [
  { name: 'code', datatype: 'BYTES', shape: [-1, -1] },
  { name: 'probability', datatype: 'FP32', shape: [-1, -1] },
  { name: 'label', datatype: 'BYTES', shape: [-1, -1] },
  { name: 'confidence', datatype: 'FP32', shape: [-1] },
  { name: 'decision', datatype: 'BYTES', shape: [-1] },
  { name: 'reason', datatype: 'BYTES', shape: [-1] },
] as const;

type Tensor = z.output<typeof tensorSchema>;

/** The values of a tensor, one for each description. @throws Problem 400 when shape and data differ */
function column({ name, shape, data }: Tensor): string[] {
  const values = data.flat();
  const [rows = 0, width = 1] = shape;
  if (width !== 1 || values.length !== rows) {
    throw new Problem(
      400,
      `input "${name}": shape [${shape.join(', ')}] with ${values.length} values; [n] or [n, 1] expected`,
    );
  }
  return values;
}

function formsOf(inputs: readonly Tensor[], longest: number): Form[] {
  const columns = new Map(inputs.map((tensor) => [tensor.name, column(tensor)]));
  const texts = columns.get('text');
  const unknown = [...columns.keys()].filter((name) => name !== 'text' && !FIELDS.some((field) => field === name));
  if (texts === undefined || texts.length === 0 || unknown.length > 0 || columns.size !== inputs.length) {
    const given = inputs
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 300);
    throw new Problem(
      400,
      `inputs ${given}: "text" expected with one description or more, and ${FIELDS.join(', ')} once at most`,
    );
  }
  const details: Detail[] = [];
  for (const [name, { length }] of columns) {
    if (length !== texts.length) {
      throw new Problem(400, `input "${name}": ${length} values given, ${texts.length} expected`);
    }
  }
  const forms = texts.map((text, row) => {
    const form = { text: textOf(text, ['inputs', 'text', row], longest, details), ...NO_FIELDS };
    for (const name of FIELDS) form[name] = fieldOf(name, columns.get(name)?.[row], ['inputs', name, row], details);
    return form;
  });
  refuse(422, details);
  return forms;
}

/** The model that the address names. @throws Problem 404 when another one serves */
function named(service: Service, params: Readonly<Record<string, string>>): ServedModel {
  const model = service.model();
  const { name, version } = model.version;
  const { model: wanted = '', version: wantedVersion = version } = params;
  if (wanted !== name || wantedVersion !== version) {
    throw new Problem(
      404,
      `model "${wanted}" version ${wantedVersion} does not serve here, "${name}" version ${version} does`,
    );
  }
  return model;
}

function answerOf({ request, model, coded }: Result, id: string | undefined, count: number, wanted: readonly string[]) {
  const rows = coded.length;
  const codes = Math.min(count, model.model.codes.length);
  const matrix = <T>(value: (code: string, probability: number) => T, missing: T) =>
    coded.flatMap(({ predictions }) =>
      Array.from({ length: codes }, (_, rank) => {
        const prediction = predictions[rank];
        return prediction === undefined ? missing : value(prediction.code, prediction.probability);
      }),
    );
  const data: Record<(typeof OUTPUTS)[number]['name'], () => (string | number)[]> = {
    code: () => matrix<string>((code) => code, ''),
    probability: () => matrix<number>((_, probability) => probability, 0),
    label: () => matrix<string>((code) => model.labels.get(code)?.label ?? '', ''),
    confidence: () => coded.map(({ confidence }) => confidence),
    decision: () => coded.map(({ decision }) => decision),
    reason: () => coded.map(({ reason }) => reason ?? ''),
  };
  const outputs = OUTPUTS.filter(({ name }) => wanted.includes(name)).map(({ name, datatype, shape }) => ({
    name,
    datatype,
    shape: shape.length === 1 ? [rows] : [rows, codes],
    data: data[name](),
  }));
  return { id: id ?? request, model_name: model.version.name, model_version: model.version.version, outputs };
}

const everyOutput = OUTPUTS.map(({ name }) => name as string);

async function infer(service: Service, params: Readonly<Record<string, string>>, body: z.output<typeof requestSchema>) {
  named(service, params);
  const wanted = body.outputs?.map(({ name }) => name) ?? everyOutput;
  const unknown = wanted.filter((name) => !everyOutput.includes(name));
  if (unknown.length > 0) {
    throw new Problem(400, `outputs ${unknown.join(', ').slice(0, 300)}: unknown; there are ${everyOutput.join(', ')}`);
  }
  const texts = body.inputs.find(({ name }) => name === 'text');
  service.checkRows(texts?.data.flat().length ?? 0);
  const forms = formsOf(body.inputs, service.config.limits.charactersPerLabel);
  const result = await service.code('/v2/infer', forms, body.parameters.count);
  return { request: result.request, body: answerOf(result, body.id, body.parameters.count, wanted) };
}

const metadata = (service: Service, params: Readonly<Record<string, string>>) => {
  const { version } = named(service, params);
  const input = (name: string) => ({ name, datatype: 'BYTES', shape: [-1] });
  return {
    body: {
      name: version.name,
      versions: [version.version],
      platform: 'fasttext',
      inputs: ['text', ...FIELDS].map(input),
      outputs: OUTPUTS,
    },
  };
};

const shapeSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });
const metadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(shapeSchema),
  outputs: z.array(shapeSchema),
});

const common = { query: z.object({}), errors: 'error' as const };
const get = { ...common, method: 'GET' as const, body: z.undefined() };

/** The same routes with and without a version in the address. */
const ofModel = ['/v2/models/:model', '/v2/models/:model/versions/:version'].flatMap((path) => [
  route({
    ...get,
    path,
    summary: 'Metadata of the model',
    response: metadataSchema,
    handle: (service, { params }) => metadata(service, params),
  }),
  route({
    ...get,
    path: `${path}/ready`,
    summary: 'Whether the model answers',
    response: z.object({ name: z.string(), ready: z.boolean() }),
    handle: (service, { params }) => {
      const { version } = named(service, params);
      const ready = service.notReady === undefined;
      return { status: ready ? 200 : 503, body: { name: version.name, ready } };
    },
  }),
  route({
    ...common,
    method: 'POST',
    path: `${path}/infer`,
    summary: 'Codes descriptions',
    body: requestSchema,
    response: responseSchema,
    handle: async (service, { params, body }) => infer(service, params, body),
  }),
]);

export const openInference: readonly Route[] = [
  route({
    ...get,
    path: '/v2',
    summary: 'The server',
    response: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
    handle: () => ({ body: { name: NAME, version: '1.0.0', extensions: [] } }),
  }),
  route({
    ...get,
    path: '/v2/health/live',
    summary: 'Whether the server runs',
    open: true,
    response: z.object({ live: z.boolean() }),
    handle: () => ({ body: { live: true } }),
  }),
  route({
    ...get,
    path: '/v2/health/ready',
    summary: 'Whether a verified model answers',
    open: true,
    response: z.object({ ready: z.boolean() }),
    handle: (service) => {
      const ready = service.notReady === undefined;
      return { status: ready ? 200 : 503, body: { ready } };
    },
  }),
  ...ofModel,
];
