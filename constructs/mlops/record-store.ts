import type { RevisedNomenclature } from './nomenclature';
import { type BucketAccess, type BucketConsumer, bucketFolder, type IBucket } from '../storage';

/**
 * What the programs of a case hand to each other, each in a folder of its own: the answers that were given (`records`); the table that is made
 * of them (`parquet`), with what goes with it (`words`, `quarantine`, `manifests`); what checks of drift found (`drift`); the codes that people
 * gave (`gold`), and what they are asked (`annotation`); what was decided about retraining (`retraining`).
 */
export type RecordFolder =
  'records' | 'parquet' | 'words' | 'quarantine' | 'manifests' | 'drift' | 'gold' | 'annotation' | 'retraining';

export interface RecordStoreProps {
  readonly bucket: IBucket;
  /** Folder of the case in the bucket, without slash at either end: `nace`. */
  readonly prefix: string;
}

/**
 * Where one case keeps its records. The service that writes them and all who read them receive this object, so that no two of them mean
 * different folders; each gets credentials for what it works with alone.
 *
 * @throws Error when the prefix is no folder
 *
 * @example
 * import { type IObjectStore, RecordStore } from 'bouture';
 * declare const store: IObjectStore;
 * const records = new RecordStore({ bucket: store.addBucket('nace', { versioning: true }), prefix: 'nace' });
 */
export class RecordStore {
  readonly bucket: IBucket;
  readonly prefix: string;

  constructor({ bucket, prefix }: RecordStoreProps) {
    this.bucket = bucket;
    this.prefix = bucketFolder('prefix of the records', prefix);
  }

  /** Path of a folder in the bucket: `nace/records`. */
  path(folder: RecordFolder): string {
    return `${this.prefix}/${folder}`;
  }

  /** `s3://bucket/nace` */
  get url(): string {
    return `s3://${this.bucket.name}/${this.prefix}`;
  }

  /** The gold set, as an address: `s3://bucket/nace/gold/gold.parquet`. */
  get goldUrl(): string {
    return `${this.url}/gold/gold.parquet`;
  }

  /** The gold set in the nomenclature of a revision, as an address: `s3://bucket/nace/gold/nace21.parquet`. */
  revisedGoldUrl(to: RevisedNomenclature): string {
    return `${this.url}/${revisedGoldKey(to)}`;
  }

  /** Credentials that may put into a folder and do nothing else. */
  grantPut(consumer: BucketConsumer, folder: RecordFolder): BucketAccess {
    return this.bucket.grantPut(consumer, this.path(folder));
  }

  /** Credentials that may read some folders, and write to others. @throws Error when no folder is named */
  grant(consumer: BucketConsumer, rights: RecordRights): BucketAccess {
    const accesses = [
      ...(rights.read ?? []).map((folder) => this.bucket.grantRead(consumer, this.path(folder))),
      ...(rights.write ?? []).map((folder) => this.bucket.grantReadWrite(consumer, this.path(folder))),
    ];
    const [access] = accesses;
    if (access === undefined) throw new Error(`consumer "${consumer.consumerName}" of the records names no folder`);
    return access;
  }
}

/** Where the gold set of a revision lies below the folder of a case: `gold/nace21.parquet`. */
export function revisedGoldKey(to: RevisedNomenclature): string {
  return `gold/${to}.parquet`;
}

/** What a program does with the folders of a case. */
export interface RecordRights {
  /** @default - it reads none that it does not write */
  readonly read?: readonly RecordFolder[];
  /** Where it lists, reads, writes and deletes. @default - nowhere */
  readonly write?: readonly RecordFolder[];
}
