import { z } from 'zod';
import type { Form } from '../preprocess/preprocessor.js';
import { checkEchoes, itemOf, itemSchema, optionsShape } from './echoes.js';
import { fieldOf, fieldSchemas, NO_FIELDS, refuse, surfaceClass, textOf } from './forms.js';
import type { Detail } from './problem.js';
import { type Route, route } from './route.js';

/** The route of the present generation of Insee's service. What is wrong in a form is answered 422. */

const formSchema = z.object({
  description_activity: z.string().regex(/\S/, 'an empty description'),
  other_nature_activity: z.string().nullish().describe('read after the description'),
  precision_act_sec_agricole: z.string().nullish().describe('read after the description'),
  type_form: fieldSchemas.type,
  nature: fieldSchemas.nature,
  surface: z.number().min(0).nullish().describe('square metres'),
  cj: fieldSchemas.cj,
  activity_permanence_status: fieldSchemas.permanence,
});

function formOf(given: z.output<typeof formSchema>, row: number, longest: number, details: Detail[]): Form {
  const at = (name: string) => ['body', 'forms', row, name];
  const { description_activity, other_nature_activity, precision_act_sec_agricole, surface } = given;
  const parts = [description_activity, other_nature_activity, precision_act_sec_agricole];
  const text = parts.filter((part) => part !== null && part !== undefined && part.trim() !== '').join(' ');
  return {
    ...NO_FIELDS,
    text: textOf(text, at('description_activity'), longest, details),
    type: fieldOf('type', given.type_form, at('type_form'), details),
    nature: fieldOf('nature', given.nature, at('nature'), details),
    surface: surface === null || surface === undefined ? null : surfaceClass(surface),
    cj: fieldOf('cj', given.cj, at('cj'), details),
    permanence: fieldOf('permanence', given.activity_permanence_status, at('activity_permanence_status'), details),
  };
}

const predictForms = route({
  method: 'POST',
  path: '/predict',
  summary: 'Codes forms',
  query: z.object(optionsShape),
  body: z.object({ forms: z.array(formSchema).min(1) }),
  response: z.array(itemSchema),
  handle: async (service, { query, body }) => {
    const { limits, confidence } = service.config;
    service.checkRows(body.forms.length);
    const details: Detail[] = [];
    const forms = body.forms.map((form, row) => formOf(form, row, limits.charactersPerLabel, details));
    refuse(422, details);
    const { coded, model, request } = await service.code('/predict/', forms, query.nb_echos_max, (all) => {
      checkEchoes(all, query);
    });
    const { modelId, version } = model.version;
    const answer = coded.map((each) => ({
      ...itemOf(each, query, model, confidence.threshold),
      MLversion: modelId ?? version,
    }));
    return { request, body: answer };
  },
});

export const generationC: readonly Route[] = [predictForms];
