import { z } from 'zod';
import { serverUrl } from '../config/hosts';
import { bucket, databaseName, label } from '../config/names';
import { secretReference } from '../config/secret-references';
import { cpu } from '../config/quantities';
import { choice, reason, scalar, wholeNumber } from '../config/scalar';
import { schedule } from '../config/schedule';
import { foreignServer } from './foreign-server';

/** `nomenclature`: what the codes are of. */
export const nomenclature = choice('naf2', 'nace2', 'nace21')
  .default('naf2')
  .describe('What the codes are of: NAF rev. 2, NACE rev. 2 or NACE rev. 2.1.');

/** `workflows`: Argo Workflows, which trains and runs what is scheduled. */
export const workflows = z
  .strictObject({
    bucket: bucket().default('workflows').describe('Bucket that holds what steps leave, and their logs.'),
    database: databaseName(49).default('workflows').describe('Database that ended workflows are kept in.'),
    parallelism: wholeNumber('a number of workflows', 1, 1000)
      .default(10)
      .describe('Workflows that run at the same time.'),
    subdomain: label()
      .exactOptional()
      .describe('First label of the host of its server, where people log in by identity. Default: workflows.'),
  })
  .prefault({})
  .describe(
    'Argo Workflows: it trains, and runs what is scheduled. People log in where there is an identity, and reach it else with tokens of the API of ' +
      'Kubernetes.',
  );

/** Parameters of fastText that a grid may vary. */
const GRID = {
  dim: z.array(wholeNumber('a dimension', 1, 2000)),
  lr: z.array(z.number().positive().max(10)),
  epoch: z.array(wholeNumber('a number of epochs', 1, 1000)),
  wordNgrams: z.array(wholeNumber('a number of words', 1, 10)),
  minn: z.array(wholeNumber('a number of characters', 0, 20)),
  maxn: z.array(wholeNumber('a number of characters', 0, 20)),
  minCount: z.array(wholeNumber('a number of occurrences', 1, 1_000_000)),
  bucket: z.array(wholeNumber('a number of buckets', 1, 100_000_000)),
  loss: z.array(choice('softmax', 'ova', 'ns', 'hs')),
};

const grid = z
  .strictObject(
    Object.fromEntries(Object.entries(GRID).map(([name, values]) => [name, values.min(1).max(50).exactOptional()])) as {
      [Name in keyof typeof GRID]: z.ZodExactOptional<(typeof GRID)[Name]>;
    },
  )
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const pods = Object.values(value).reduce((product, values) => product * values.length, 1);
    if (pods <= 500) return;
    const message = `these values have ${pods} combinations; a grid has at most 500`;
    issues.push({ code: 'custom', input: value, path: [], message });
  });

/** `training`: the grid of trainings. */
export const training = z
  .strictObject({
    grid: grid
      .prefault({ dim: [50, 100], wordNgrams: [2, 3] })
      .describe('Values of parameters of fastText; each combination is one training in a Pod of its own.'),
    parallelism: wholeNumber('a number of Pods', 1, 100).default(4).describe('Trainings at the same time.'),
    minimumAccuracy: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .describe('Accuracy on the gold set below which the best run does not become the challenger.'),
    cpu: cpu()
      .default('500m')
      .describe(
        'CPU that is kept for each training, which may use 1 at least: as many run at the same time as find room.',
      ),
    memory: scalar('a quantity of memory such as 2Gi', (text) =>
      /^\d+(Mi|Gi)$/.test(text) ? undefined : { message: 'no quantity of memory' },
    )
      .default('2Gi')
      .describe('Memory that each training may use.'),
  })
  .prefault({})
  .describe('A grid of trainings; the best becomes the challenger. It runs when somebody or the trigger starts it.');

/** `monitoring`: the table of records, checks of drift, pages. */
export const monitoring = z
  .strictObject({
    subdomain: label()
      .default('monitoring')
      .describe('First label of the host of its pages, where there is an exposure.'),
    etl: z
      .strictObject({
        schedule: schedule().default('0 3 * * *').describe('When records become the table, in UTC.'),
        masking: choice('none', 'patterns', 'drop')
          .default('patterns')
          .describe('What becomes of free text in the table: kept, without addresses, numbers and names, or left out.'),
      })
      .prefault({})
      .describe('The table of records.'),
    drift: z
      .strictObject({
        schedule: schedule()
          .default('30 4 * * *')
          .describe('When the last days are compared with those before, in UTC.'),
        currentDays: wholeNumber('a number of days', 1, 3650).default(7).describe('Days that are judged.'),
        referenceDays: wholeNumber('a number of days', 1, 3650)
          .default(28)
          .describe('Days before that they are compared with.'),
        alpha: z
          .number()
          .positive()
          .max(0.2)
          .default(0.01)
          .describe('How often a check may speak of drift when nothing has changed.'),
      })
      .prefault({})
      .describe('Checks of drift.'),
    dashboard: z
      .strictObject({
        rebuildAt: scalar('a time of the day such as "05:30", in UTC', (text) =>
          /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? undefined : { message: 'no time of the day' },
        )
          .default('05:30')
          .describe('When the pages are made anew, in UTC.'),
        language: choice('fr', 'en').default('fr').describe('Language that the pages open in.'),
        openBecause: reason()
          .exactOptional()
          .describe(
            'Why readers give no password. Default: they log in where there is an identity, and give a generated one else.',
          ),
      })
      .prefault({})
      .describe('Pages about what was coded and how well.'),
  })
  .prefault({})
  .describe('What watches the service.');

/** `annotation`: the way of answers to people and back. */
export const annotation = z
  .strictObject({
    labelStudio: z
      .strictObject({
        url: serverUrl().describe('Address of Label Studio.'),
        token: secretReference('its token')
          .exactOptional()
          .describe(
            'Where its token stands, in the namespace of workflows. Default: annotation-label-studio, key token.',
          ),
        ...foreignServer(8080),
      })
      .describe('The Label Studio in which people annotate.'),
    budget: wholeNumber('a number of descriptions', 1, 1_000_000).default(500).describe('Descriptions in a sample.'),
    schedule: schedule().default('0 5 * * 1').describe('When a sample is drawn, in UTC.'),
    annotators: wholeNumber('a number of people', 1, 100)
      .default(3)
      .describe('People who may annotate the same description.'),
    revision: z
      .strictObject({
        to: choice('nace21').describe(
          'The nomenclature that takes the place of the present one: NACE rev. 2.1. It stays here when nomenclature has become the same.',
        ),
        schedule: schedule().default('40 4 * * *').describe('When the gold set is looked through, in UTC.'),
      })
      .exactOptional()
      .describe(
        'A revision of the nomenclature: the gold set follows it, people choose where a code was split, and training-revision trains in it.',
      ),
  })
  .describe('Samples for annotation, and the gold set made of what people say. Left out, nobody is asked.');

/** `retraining`: when the grid starts by itself. */
export const retraining = z
  .strictObject({
    schedule: schedule().default('0 6 * * *').describe('When it is decided, in UTC.'),
    requiredAccuracy: z.number().min(0).max(1).describe('Accuracy of what is coded automatically, from 0 to 1.'),
    sustainedDays: wholeNumber('a number of days', 1, 365)
      .default(3)
      .describe('Days in a row that drift must be seen on.'),
    minimumAnnotations: wholeNumber('a number of annotations', 1, 10_000_000)
      .default(1000)
      .describe('New annotations that speak for a retraining by themselves.'),
    coolDownDays: wholeNumber('a number of days', 0, 3650).default(14).describe('Days after a start without another.'),
    runsPerMonth: wholeNumber('a number of starts', 1, 1000).default(2).describe('Starts in a month, at most.'),
  })
  .describe('When the grid of trainings starts by itself. Left out, people start it.');
