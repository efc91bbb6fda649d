import { z } from 'zod';
import { coding } from '../sections/coding';
import { annotation, monitoring, nomenclature, retraining, training, workflows } from '../sections/coding-loop';
import { delivery } from '../sections/delivery';
import { database } from '../sections/database';
import { exposure } from '../sections/exposure';
import { identityOfGroups } from '../sections/identity';
import { installation } from '../sections/installation';
import { metrics } from '../sections/metrics';
import { mlflow } from '../sections/mlflow';
import { objectStore } from '../sections/object-store';

/** The configuration of the blueprint `nace-coding`: the coding of activity descriptions, from training to retraining. */
export const naceCodingSchema = z
  .strictObject({
    ...installation('nace-coding'),
    exposure: exposure.exactOptional(),
    objectStore: objectStore.exactOptional(),
    database: database.exactOptional(),
    mlflow,
    identity: identityOfGroups.exactOptional(),
    nomenclature,
    workflows,
    training,
    coding,
    monitoring,
    annotation: annotation.exactOptional(),
    retraining: retraining.exactOptional(),
    delivery: delivery.exactOptional(),
    metrics: metrics.exactOptional(),
  })
  .meta({ title: 'Configuration of the blueprint nace-coding' });

/** A checked configuration, with its defaults. */
export type NaceCodingConfig = z.output<typeof naceCodingSchema>;

/** What a file may hold. */
export type NaceCodingInput = z.input<typeof naceCodingSchema>;
