import type { Expression, Input } from '../expression';
import { allOf, discovered, isSet, when } from '../functions';
import { object, type ObjectTemplate } from '../object';
import { DISCOVERY_ANNOTATION } from '../operations';
import { definePart } from '../part';
import { value } from '../schema';

/** What a service that others find says of itself, by the keys that charts of Onyxia agree on. */
const KEYS = {
  postgres: {
    PGHOST: 'postgres-service',
    PGPORT: 'postgres-port',
    PGDATABASE: 'postgres-database',
    PGUSER: 'postgres-username',
    PGPASSWORD: 'postgres-password',
  },
  mlflow: {
    MLFLOW_TRACKING_URI: 'uri',
    MLFLOW_TRACKING_USERNAME: 'MLFLOW_TRACKING_USERNAME',
    MLFLOW_TRACKING_PASSWORD: 'MLFLOW_TRACKING_PASSWORD',
  },
  mongodb: {
    MONGODB_HOST: 'mongodb-service',
    MONGODB_PORT: 'mongodb-port',
    MONGODB_DATABASE: 'mongodb-database',
    MONGODB_USERNAME: 'mongodb-username',
    MONGODB_PASSWORD: 'mongodb-password',
  },
  trino: { TRINO_HOST: 'trinoService', TRINO_PORT: 'trinoPort' },
} as const;

/** Kinds of services that others of the same namespace find. */
export type DiscoveryKind = keyof typeof KEYS;

/** Environment variables that a kind gives, and the keys of its Secret. */
export type DiscoveryKeys<K extends DiscoveryKind> = (typeof KEYS)[K];

type Offered<K extends DiscoveryKind> = {
  readonly [V in keyof DiscoveryKeys<K> as DiscoveryKeys<K>[V] & string]: Input<string>;
};

/**
 * The Secret by which others of the namespace find this service.
 *
 * @param offer what stands under each key that charts of Onyxia agree on for this kind
 */
export function discoverable<K extends DiscoveryKind>(kind: K, offer: Offered<K>): ObjectTemplate {
  return object(
    'Secret',
    'discovery',
    { stringData: offer as Readonly<Record<string, Input<string>>> },
    { annotations: { [DISCOVERY_ANNOTATION]: kind } },
  );
}

/**
 * Services of the same namespace that the service finds when it is installed or upgraded, and whose addresses and credentials it then has
 * as environment variables: `PGHOST` and so on, `MLFLOW_TRACKING_URI`. The Secret of the other is named, never copied, so that a new
 * password holds after a restart.
 */
export function discovery<const K extends DiscoveryKind>(kinds: readonly [K, ...K[]]) {
  const flags = Object.fromEntries(kinds.map((kind) => [kind, value.flag({ default: true, title: kind })])) as Readonly<
    Record<K, ReturnType<typeof value.flag>>
  >;
  return definePart(
    {
      discovery: value.group(
        { title: { en: 'Services of your namespace', fr: 'Services de votre espace' } },
        { enabled: value.flag({ default: true, title: { en: 'Find them', fr: 'Les trouver' } }), ...flags },
      ),
    },
    (values) => {
      const references = values.discovery as unknown as Readonly<Record<string, Expression<boolean>>>;
      const on = (name: string): Expression<boolean> => {
        const reference = references[name];
        if (reference === undefined) throw new Error(`discovery.${name} is not in the schema`);
        return reference;
      };
      return {
        env: kinds.map((kind) => {
          const name = discovered(kind);
          return when(
            allOf(on('enabled'), on(kind), isSet(name)),
            Object.entries(KEYS[kind]).map(([variable, key]) => ({
              name: variable,
              valueFrom: { secretKeyRef: { name, key, optional: true } },
            })),
          );
        }),
      };
    },
  );
}
