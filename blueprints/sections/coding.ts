import { z } from 'zod';
import { bucket, label } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { choice, scalar, wholeNumber, words } from '../config/scalar';
import { foreignPods } from './installation';
import { exactlyOne } from './choice';

/** A folder of a bucket. */
const folder = scalar('a folder such as coding', (text) =>
  /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(text) ? undefined : { message: 'letters, digits, dashes, underscores' },
);

const share = (what: string) => z.number().min(0).max(1).describe(what);

const version = {
  version: wholeNumber('a version', 1, 1_000_000).describe('Number of the version.'),
  alias: scalar('an alias such as champion', (text) =>
    /^[\w-]{1,255}$/.test(text) && !/^(?:latest|v\d+)$/i.test(text)
      ? undefined
      : { message: 'letters, digits, dashes and underscores, not "latest" nor "v1"' },
  ).describe('The version that an alias points at; where it moves, it is followed without a restart.'),
  stage: choice('Staging', 'Production').describe('The latest version of a stage, for registries that still use them.'),
};

/** Which version of the model. @param what for people */
export function modelVersion(what: string) {
  return exactlyOne(version, {}).describe(what);
}

/** `coding`: the service that codes descriptions, and where its answers are recorded. */
export const coding = z
  .strictObject({
    subdomain: label().default('coding').describe('First label of its host, where there is an exposure.'),
    model: scalar('a name such as nace-coding', (text) =>
      /^[A-Za-z0-9][\w .-]{0,254}$/.test(text) ? undefined : { message: 'no name that MLflow takes' },
    )
      .default('nace-coding')
      .describe('Name of the registered model, which training makes.'),
    serves: modelVersion('The version that answers.').prefault({ alias: 'champion' }),
    shadow: modelVersion('A version that is asked beside it, and whose answers are only recorded.').exactOptional(),
    canary: z
      .strictObject({
        serves: modelVersion('The version that answers a share of the requests.'),
        weight: wholeNumber('a share of 100', 0, 100).describe('Of 100 requests from outside, how many it answers.'),
      })
      .exactOptional()
      .describe('Another version that answers a share of the requests; needs an exposure by a Gateway.'),
    confidence: z
      .strictObject({
        index: choice('margin').describe('The probability of the best code less that of the second.'),
        threshold: share('What reaches it is coded automatically; everything else goes to a person.'),
      })
      .describe(
        'What is coded automatically. One value for the service, the records, the pages and retraining; it has no default.',
      ),
    records: z
      .strictObject({
        bucket: bucket().default('nace').describe('Bucket of the object store that holds the records, with versions.'),
        prefix: folder.default('coding').describe('Folder of the case in that bucket.'),
        durability: choice('node', 'volume', 'object-store')
          .exactOptional()
          .describe(
            'What an answer waits for: the local disk, a volume that the next Pod finds again, or the store. Default: node for a pilot, volume in production.',
          ),
        flushSeconds: wholeNumber('a number of seconds', 1, 3600)
          .default(60)
          .describe('Seconds after which records are brought to the store.'),
        masking: choice('none', 'drop', 'hash')
          .default('none')
          .describe('What becomes of free text, which may name people, in the records.'),
      })
      .prefault({})
      .describe('Where answers are recorded.'),
    authentication: exactlyOne(
      {
        users: z
          .array(label())
          .min(1)
          .max(1000)
          .describe('People and programs outside, each with a generated password.'),
        everyoneBecause: words('a reason, in words').describe('Why nobody is asked who calls.'),
      },
      {},
    )
      .prefault({ users: ['api'] })
      .describe('Who may call.'),
    limits: z
      .strictObject({
        rowsPerRequest: wholeNumber('a number of descriptions', 1, 1_000_000)
          .default(1000)
          .describe('More are answered 413.'),
        bodySize: storageSize().default('4Mi').describe('More is answered 413.'),
        charactersPerLabel: wholeNumber('a number of characters', 1, 1_000_000)
          .default(5000)
          .describe('More are answered 422.'),
        requestsPerSecond: wholeNumber('a number of requests', 1, 1_000_000)
          .default(5000)
          .describe('Of each replica; more are answered 429.'),
        concurrentRequests: wholeNumber('a number of requests', 1, 1_000_000)
          .default(512)
          .describe('Of each replica; more are answered 429.'),
      })
      .prefault({})
      .describe('What it refuses.'),
    replicas: exactlyOne(
      {
        always: wholeNumber('a number of Pods', 1, 100).describe('As many Pods, whatever the load.'),
        upTo: wholeNumber('a number of Pods', 1, 1000).describe(
          'At most as many Pods, by their use of CPU, which metrics-server tells the cluster.',
        ),
      },
      {},
    )
      .exactOptional()
      .describe('Pods. Default: 1 for a pilot, 2 in production.'),
    resources: resources('250m to 2 CPU and 512Mi to 2Gi of memory').exactOptional(),
    metrics: z
      .strictObject({ allowFrom: foreignPods('Pods that may read the counters, such as Prometheus.') })
      .exactOptional()
      .describe('Who may read the counters for Prometheus. Default: nobody.'),
  })
  .describe('The service that codes descriptions with the model of the registry.');
