import type { z } from 'zod';
import type { Partially } from '../config/check';
import type { coding } from './coding';
import type { annotation, monitoring, nomenclature, workflows } from './coding-loop';
import type { database } from './database';
import type { delivery } from './delivery';
import type { exposure } from './exposure';
import type { gpu } from './gpu';
import type { identity } from './identity';
import type { cluster, images, profile } from './installation';
import type { metrics } from './metrics';
import type { mlflow } from './mlflow';
import type { objectStore } from './object-store';
import type { onyxia } from './onyxia';
import type { people } from './people';
import type { projects } from './projects';
import type { secrets } from './secrets';

/** What the rules read: the sections that blueprints share, each of which a blueprint may lack. */
export interface PlatformInput {
  readonly name?: string;
  readonly profile?: z.input<typeof profile>;
  readonly cluster?: z.input<typeof cluster>;
  readonly images?: z.input<typeof images>;
  readonly exposure?: z.input<typeof exposure>;
  readonly objectStore?: z.input<typeof objectStore>;
  readonly database?: z.input<typeof database>;
  readonly mlflow?: z.input<typeof mlflow>;
  readonly projects?: z.input<typeof projects>;
  readonly identity?: z.input<typeof identity>;
  readonly secrets?: z.input<typeof secrets>;
  readonly people?: z.input<typeof people>;
  readonly gpu?: z.input<typeof gpu>;
  readonly coding?: z.input<typeof coding>;
  readonly workflows?: z.input<typeof workflows>;
  readonly monitoring?: z.input<typeof monitoring>;
  readonly nomenclature?: z.input<typeof nomenclature>;
  readonly annotation?: z.input<typeof annotation>;
  readonly delivery?: z.input<typeof delivery>;
  readonly onyxia?: z.input<typeof onyxia>;
  readonly metrics?: z.input<typeof metrics>;
}

/** The sections as a rule sees them: as written, without defaults and without the parts that are wrong by themselves. */
export type Sections = Partially<PlatformInput>;

/** Whether people have spaces and buckets: all that log in, but for those who log in to the programs of the coding case alone. */
export function servesPeople({ coding, identity }: Sections): boolean {
  return identity !== undefined && coding === undefined;
}
