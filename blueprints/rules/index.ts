import type { ImageLock } from '../blueprint';
import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';
import { apiIsClosed, cloudPeopleCanWork, databaseIsTrusted, exposureHasAWay } from './clouds';
import { networksAreApart, projectsDiffer } from './cluster';
import { backendsAreUnderstood, exposureIsGuarded, hostsDiffer, hostsHaveAWay } from './exposure';
import { imagesCanBePulled } from './images';
import { metricsHaveTargets } from './metrics';
import { externalPeopleCanWork } from './people-storage';
import { issuerIsTrusted, redirectsAreEncrypted } from './plain-exposure';
import { productionIsClosed, replicasHaveNodes } from './production';
import {
  bucketsDiffer,
  credentialsHaveConsumers,
  externalDatabasesAreUsed,
  secretsAreOthers,
  sharedMemoryFits,
  storesExist,
} from './stores';

/** The rules between the sections that blueprints share. @param images the lock that the configuration uses */
export function platformRules(images: ImageLock): readonly ((config: Sections) => Iterable<Conflict>)[] {
  return [
    storesExist,
    bucketsDiffer,
    credentialsHaveConsumers,
    externalDatabasesAreUsed,
    sharedMemoryFits,
    secretsAreOthers,
    (config) => imagesCanBePulled(config, images),
    productionIsClosed,
    replicasHaveNodes,
    networksAreApart,
    projectsDiffer,
    hostsDiffer,
    hostsHaveAWay,
    backendsAreUnderstood,
    exposureIsGuarded,
    externalPeopleCanWork,
    exposureHasAWay,
    databaseIsTrusted,
    apiIsClosed,
    cloudPeopleCanWork,
    issuerIsTrusted,
    redirectsAreEncrypted,
    metricsHaveTargets,
  ];
}
