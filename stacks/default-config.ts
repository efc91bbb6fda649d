import { packageFile } from '../blueprints/package-root';

/** The configuration that is deployed when none is named: the minimal blueprint's own. */
export function defaultConfig(): string {
  return packageFile('blueprints', 'minimal', 'config.yaml');
}
