import {
  Confidence,
  FastTextInferenceService,
  type FastTextInferenceServiceProps,
  type IBucket,
  type InferenceRecords,
  MinioTenant,
  MlflowServer,
  type Platform,
  type PlatformProps,
  PostgresDatabase,
  RecordStore,
  ServerTls,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';

/** What every part of the case stands on. */
export interface Case {
  readonly platform: Platform;
  readonly store: MinioTenant;
  readonly bucket: IBucket;
  readonly mlflow: MlflowServer;
  readonly records: RecordStore;
  readonly confidence: Confidence;
}

/** A production platform: images by digest. */
export const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }),
};

const WHY = 'This installation stands in one locked room.';

/** An object store, a database and MLflow, with the folder of the case. @param platform that they stand in; one of their own, when it is not given */
export function testCase(props: Partial<PlatformProps> = {}, platform: Platform = testPlatform(props)): Case {
  const tls = ServerTls.none(WHY);
  const store = new MinioTenant(platform, 'minio', { tls });
  const database = new PostgresDatabase(platform, 'postgres', { tls });
  const mlflow = new MlflowServer(platform, 'mlflow', {
    database: database.addDatabase('mlflow'),
    artifacts: { bucket: store.addBucket('mlflow') },
  });
  const bucket = store.addBucket('nace', { versioning: true });
  const records = new RecordStore({ bucket, prefix: 'coding' });
  return { platform, store, bucket, mlflow, records, confidence: new Confidence({ index: 'margin', threshold: 0.8 }) };
}

/** The service of a case. @param recorded how answers are recorded; `false` for not at all */
export function testService(
  { platform, mlflow, records, confidence }: Case,
  props: Partial<FastTextInferenceServiceProps> = {},
  recorded: Partial<InferenceRecords> | false = {},
): FastTextInferenceService {
  return new FastTextInferenceService(platform, 'coding', {
    modelRegistry: mlflow,
    model: { name: 'nace', alias: 'champion' },
    confidence,
    ...(recorded === false ? {} : { records: { store: records, ...recorded } }),
    ...props,
  });
}

/** What the project's rules and the oldest and the newest API server say against a platform. */
export function problemsOf(platform: Platform): readonly unknown[] {
  const synthesis = synthesize(platform);
  const findings = checkRules(synthesis, { profile: platform.profile }).map(({ rule, field, message }) => ({
    rule,
    field,
    message,
  }));
  const minors = schemaMinors();
  const strict = [minors[0] ?? '', minors.at(-1) ?? ''].flatMap((minor) => {
    const schemas = new StrictSchemas(minor);
    return synthesis.objects.flatMap(({ manifest }) =>
      schemas.problems(manifest).map((problem) => ({ minor, name: manifest.metadata.name, ...problem })),
    );
  });
  return [...findings, ...strict];
}
