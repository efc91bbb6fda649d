import { z } from 'zod';

/**
 * The configuration of the service: one strict JSON file, whose path is `CONFIG_FILE`. Secrets are named in it and never written in it.
 * `schemas/config.schema.json` is made from it (`npm run schemas`).
 */

const positive = z.int().positive();
const httpUrl = z.url({ protocol: /^https?$/ });

/** Where a secret is read from when the service starts: a file, whose last line end is left out, or an environment variable. */
export const secretSchema = z
  .union([
    z.strictObject({ file: z.string().startsWith('/') }),
    z.strictObject({ env: z.string().regex(/^[A-Z_][A-Z0-9_]*$/) }),
  ])
  .describe('a file or an environment variable that holds the secret');

/** Which version of a registered model is served. `stage` is for registries that still use stages. */
export const selectionSchema = z
  .union([
    z.strictObject({ alias: z.string().min(1) }),
    z.strictObject({ version: z.string().regex(/^[1-9][0-9]*$/) }),
    z.strictObject({ stage: z.enum(['Staging', 'Production']) }),
  ])
  .describe('which version: what an alias points at, a number, or the latest of a stage');

const registrySchema = z.strictObject({
  url: httpUrl.describe('address of the MLflow server, without /api'),
  model: z.string().min(1).describe('name of the registered model'),
  select: selectionSchema,
  authentication: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('basic'), username: secretSchema, password: secretSchema }),
      z.strictObject({ kind: z.literal('token'), token: secretSchema }),
    ])
    .default({ kind: 'none' }),
  reloadSeconds: positive.default(30).describe('how often the registry is asked whether the version has changed'),
  timeoutSeconds: positive.default(60).describe('the longest silence of the registry while it answers'),
});

const shadowSchema = z.strictObject({
  select: selectionSchema,
  model: z.string().min(1).optional().describe('another registered model; the same one unless given'),
  queueRows: positive.default(2000).describe('descriptions that may wait for the shadow; more are recorded without it'),
});

const authenticationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('basic'),
    users: z.array(z.strictObject({ username: secretSchema, password: secretSchema })).min(1),
  }),
  z.strictObject({
    kind: z.literal('bearer'),
    issuer: httpUrl.describe('issuer of the tokens, as they name it'),
    audience: z.string().min(1),
    jwksUrl: httpUrl
      .optional()
      .describe('where the keys are; found through the discovery document of the issuer unless given'),
  }),
]);

const limitsSchema = z.strictObject({
  rowsPerRequest: positive.default(1000).describe('more is answered 413'),
  bodyBytes: positive.default(4 * 1024 * 1024).describe('more is answered 413'),
  charactersPerLabel: positive.default(5000).describe('more is answered 422'),
  requestsPerSecond: positive.default(5000).describe('by replica; more is answered 429'),
  concurrentRequests: positive.default(512).describe('by replica; more is answered 429'),
});

const recordsSchema = z.strictObject({
  store: z.strictObject({
    endpoint: httpUrl.describe('address of the S3 service'),
    region: z.string().min(1).default('us-east-1'),
    bucket: z.string().min(3),
    prefix: z
      .string()
      .regex(/^([A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*)?$/)
      .default('')
      .describe('folder of the case in the bucket, without slashes at its ends'),
    accessKeyId: secretSchema,
    secretAccessKey: secretSchema,
    sessionToken: secretSchema.optional(),
  }),
  spoolFolder: z.string().startsWith('/').describe('on a volume that a restarted container finds again'),
  spoolBytes: positive.default(512 * 1024 * 1024).describe('the most that may wait on the disk'),
  segmentBytes: positive.default(16 * 1024 * 1024).describe('an object is closed when it has reached this size'),
  flushSeconds: positive.default(60).describe('how often what was answered is brought to the object store'),
  durability: z
    .enum(['spool', 'object-store'])
    .default('spool')
    .describe('what an answer waits for: records on the disk of the Pod (fsync), or in the object store'),
  whenFull: z
    .enum(['refuse', 'drop'])
    .default('refuse')
    .describe('requests are answered 503, or records are dropped and counted'),
  masking: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('drop') }),
      z.strictObject({ kind: z.literal('hash'), key: secretSchema }),
    ])
    .default({ kind: 'none' })
    .describe('what becomes of free text in the records'),
});

/** The whole file. Unknown keys are refused. */
export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0'),
      port: z.int().min(0).max(65535).default(8080).describe('routes that clients use; 0 takes a free port'),
      managementPort: z.int().min(0).max(65535).default(9090).describe('/healthz, /readyz and /metrics'),
      drainSeconds: z
        .int()
        .min(0)
        .default(5)
        .describe('how long requests are still taken after SIGTERM, while readiness is off'),
      shutdownSeconds: positive
        .default(25)
        .describe('how long all of that, requests and records may take to end after SIGTERM'),
    })
    .prefault({}),
  registry: registrySchema,
  shadow: shadowSchema
    .optional()
    .describe('a second version that is asked beside the first; its answers are only recorded'),
  cacheFolder: z.string().startsWith('/').describe('where versions of the model are kept; a restart serves from it'),
  confidence: z.strictObject({
    index: z.literal('margin').describe('probability of the best code less that of the second, at most 1'),
    threshold: z.number().min(0).max(1).describe('what reaches it is coded automatically'),
  }),
  limits: limitsSchema.prefault({}),
  authentication: authenticationSchema,
  records: recordsSchema.optional().describe('without it no answer is recorded'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** The configuration with its defaults filled in. */
export type Config = z.output<typeof configSchema>;
export type SecretSource = z.output<typeof secretSchema>;
export type Selection = z.output<typeof selectionSchema>;
export type RegistryConfig = Config['registry'];
export type RecordsConfig = NonNullable<Config['records']>;
export type AuthenticationConfig = Config['authentication'];
