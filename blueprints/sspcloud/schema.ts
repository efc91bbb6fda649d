import { z } from 'zod';
import { database } from '../sections/database';
import { exposure } from '../sections/exposure';
import { gpu } from '../sections/gpu';
import { identity } from '../sections/identity';
import { installation } from '../sections/installation';
import { metrics } from '../sections/metrics';
import { mlflow } from '../sections/mlflow';
import { objectStore } from '../sections/object-store';
import { onyxia } from '../sections/onyxia';
import { people } from '../sections/people';
import { secrets } from '../sections/secrets';

/** The configuration of the blueprint `sspcloud`: the whole platform, from identity to Onyxia. */
export const sspcloudSchema = z
  .strictObject({
    ...installation('sspcloud'),
    exposure,
    objectStore: objectStore.exactOptional(),
    database: database.exactOptional(),
    identity,
    secrets: secrets.exactOptional(),
    people,
    gpu: gpu.exactOptional(),
    onyxia: onyxia.exactOptional(),
    mlflow: mlflow.exactOptional(),
    metrics: metrics.exactOptional(),
  })
  .meta({ title: 'Configuration of the blueprint sspcloud' });

/** A checked configuration, with its defaults. */
export type SspcloudConfig = z.output<typeof sspcloudSchema>;

/** What a file may hold. */
export type SspcloudInput = z.input<typeof sspcloudSchema>;
