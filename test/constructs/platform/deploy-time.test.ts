import {
  deployTimeIds,
  deployTimePieces,
  DeployTimeValue,
  dnsLabel,
  GeneratedValue,
  k8s,
  PlatformNamespace,
  PlatformSecret,
  renderFiles,
  synthesize,
  withDeployTimeValues,
} from '../../../constructs';
import { testPlatform } from '../../support/platform';

const bucket = new DeployTimeValue('backup-bucket', 'bucket that the cloud makes');

function platformWithBucket() {
  const platform = testPlatform();
  new k8s.KubeConfigMap(platform, 'settings', {
    metadata: { name: 'settings', namespace: 'demo' },
    data: { bucket: bucket.token, url: `s3://${bucket.token}/backups` },
  });
  return platform;
}

describe('a deploy-time value', () => {
  test('stands where a DNS label is asked for', () => {
    expect(dnsLabel('bucket', bucket.token)).toBe(bucket.token);
  });

  test('is found inside a longer text', () => {
    expect(deployTimePieces(`s3://${bucket.token}/backups`)).toEqual(['s3://', { id: 'backup-bucket' }, '/backups']);
    expect(deployTimePieces('nothing to find')).toEqual(['nothing to find']);
  });

  test('is refused by plain rendering, by name', () => {
    expect(() => renderFiles(synthesize(platformWithBucket()))).toThrow('known only at deployment: backup-bucket');
  });

  test('is rendered where the configuration states it', () => {
    const synthesis = withDeployTimeValues(synthesize(platformWithBucket()), { 'backup-bucket': 'office-backups' });
    const [text] = renderFiles(synthesis).values();
    expect(text).toContain('bucket: office-backups');
    expect(text).toContain('url: s3://office-backups/backups');
    expect(deployTimeIds(synthesis.objects)).toEqual([]);
  });

  test('is asked for by name when the configuration lacks it', () => {
    const synthesis = withDeployTimeValues(synthesize(platformWithBucket()), { another: 'value' });
    expect(() => renderFiles(synthesis)).toThrow('known only at deployment: backup-bucket');
  });

  test('that a Secret holds is a text where the configuration states it; what is generated stays so', () => {
    const platform = testPlatform();
    const namespace = new PlatformNamespace(platform, 'namespace', { name: 'demo' });
    const password = new GeneratedValue('password');
    const held = { whole: bucket, part: `s3://${bucket.token}`, password };
    new PlatformSecret(platform, 'secret', { namespace, name: 'held', data: held });
    const [secret] = withDeployTimeValues(synthesize(platform), { 'backup-bucket': 'office-backups' }).secrets;
    expect(secret?.data).toEqual({ whole: 'office-backups', part: 's3://office-backups', password });
  });

  test.each(['two--dashes', 'Upper', 'x'.repeat(41), ''])('has no id such as "%s"', (id) => {
    expect(() => new DeployTimeValue(id, 'any')).toThrow('deploy-time value');
  });
});
