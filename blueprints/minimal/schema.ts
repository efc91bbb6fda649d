import { z } from 'zod';
import { database } from '../sections/database';
import { exposure } from '../sections/exposure';
import { installation } from '../sections/installation';
import { metrics } from '../sections/metrics';
import { mlflow } from '../sections/mlflow';
import { objectStore } from '../sections/object-store';
import { projects } from '../sections/projects';

/** The configuration of the blueprint `minimal`: an object store, a database, MLflow and projects, each of which can be left out. */
export const minimalSchema = z
  .strictObject({
    ...installation('minimal'),
    exposure: exposure.exactOptional(),
    objectStore: objectStore.exactOptional(),
    database: database.exactOptional(),
    mlflow: mlflow.exactOptional(),
    projects,
    metrics: metrics.exactOptional(),
  })
  .meta({ title: 'Configuration of the blueprint minimal' });

/** A checked configuration, with its defaults. */
export type MinimalConfig = z.output<typeof minimalSchema>;

/** What a file may hold. */
export type MinimalInput = z.input<typeof minimalSchema>;
