import type { CatalogService } from '../service';
import { type IdeProps, ideService } from './ide';
import { JUPYTERLAB } from './jupyterlab';
import { spark } from './spark';
import { SPARK_FOLDER } from './spark-conf';

/** A notebook before three boxes that work for it. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<rect x="6" y="6" width="34" height="44" rx="4" fill="#f3f4f6" stroke="#374151" stroke-width="3"/>' +
  '<path d="M13 6v44" stroke="#374151" stroke-width="3"/>' +
  '<path d="M19 18h14M19 27h14" stroke="#9ca3af" stroke-width="3"/>' +
  '<g fill="#fbbf24" stroke="#b45309" stroke-width="3">' +
  '<rect x="22" y="42" width="10" height="14"/><rect x="35" y="42" width="10" height="14"/><rect x="48" y="42" width="10" height="14"/>' +
  '</g></svg>\n';

/** JupyterLab with PySpark for an office: its images have `jupyter` and Java on their PATH, and `SPARK_HOME` and `JAVA_HOME` set. */
export type JupyterPysparkProps = Omit<IdeProps, 'gpus' | 'gpuOffer' | 'languages'>;

/**
 * JupyterLab with PySpark: what `SparkSession.builder.getOrCreate()` gives in a notebook computes with executors that are Pods of the same
 * namespace, with the same image, and reads and writes the person's buckets as `s3a://bucket/...`. No operator is needed: the notebook has
 * an account of the API that may make Pods there.
 *
 * @example
 * import { buildCatalog, jupyterPysparkService } from 'bouture';
 * const catalog = buildCatalog([jupyterPysparkService({ images: [images.get('jupyter-pyspark')] })]);
 */
export function jupyterPysparkService(props: JupyterPysparkProps): CatalogService {
  return ideService(props, {
    name: 'jupyter-pyspark',
    description: {
      en: 'JupyterLab with Spark: Python notebooks whose computations spread over several Pods of your namespace.',
      fr: 'JupyterLab avec Spark : des notebooks Python dont les calculs se répartissent sur plusieurs Pods de votre espace.',
    },
    icon: ICON,
    home: 'https://spark.apache.org',
    keywords: ['python', 'jupyter', 'spark', 'pyspark'],
    ...JUPYTERLAB,
    command: ['bash', `${SPARK_FOLDER}/start.sh`, ...JUPYTERLAB.command],
    notes: {
      address: { en: 'Your notebook:', fr: 'Votre notebook :' },
      password: {
        en: 'JupyterLab asks for the password of the service:',
        fr: 'Le mot de passe du service est le jeton que JupyterLab demande :',
      },
    },
    // A notebook has no account of the API unless asked; Spark cannot do without.
    account: { enabled: true, role: 'edit', instanceSchema: 'role-spark.json' },
    parts: [...JUPYTERLAB.parts, spark({ uid: 1000, gid: 100 })],
  });
}
