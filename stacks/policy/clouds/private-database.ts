import { at, type CloudRule } from './rule';

export const privateDatabase: CloudRule = {
  id: 'cloud-private-database',
  why: 'A database with an address of the world is tried with every password that was ever stolen.',
  source: 'https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-2',
  fix: 'AWS: publiclyAccessible false; Google: ipv4Enabled false with a privateNetwork; Azure: publicNetworkAccessEnabled false with a delegated subnet',
  *check(resources) {
    for (const resource of resources) {
      const { type, props } = resource;
      if (type === 'aws:rds/instance:Instance' && props['publiclyAccessible'] !== false) {
        yield { resource, property: 'publiclyAccessible', message: 'has an address of the world' };
      }
      if (
        type === 'gcp:sql/databaseInstance:DatabaseInstance' &&
        at(props, 'settings', 'ipConfiguration', 'ipv4Enabled') !== false
      ) {
        yield { resource, property: 'settings.ipConfiguration.ipv4Enabled', message: 'has an address of the world' };
      }
      if (type === 'azure:postgresql/flexibleServer:FlexibleServer' && props['publicNetworkAccessEnabled'] !== false) {
        yield { resource, property: 'publicNetworkAccessEnabled', message: 'has an address of the world' };
      }
    }
  },
};
