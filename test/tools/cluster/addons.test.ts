import { ADDONS, addonObjects } from '../../../tools/cluster/addons';
import { registryReference, systemImages } from '../../../tools/cluster/image-manifest';

const values = {
  volumes: '/state/volumes',
  resolvers: ['192.0.2.53'],
  web: { certificate: 'the certificate', key: 'the key' },
};

describe('the add-ons', () => {
  test.each(ADDONS)('%s has no variable left, and every image is one that is built here', (name) => {
    const text = JSON.stringify(addonObjects(name, values));
    expect(text).not.toMatch(/\$\([A-Z_]+\)/);
    const images = [...text.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
    const built = systemImages().map(registryReference);
    expect(images).not.toHaveLength(0);
    expect(images.filter((image) => image === undefined || !built.includes(image))).toEqual([]);
  });

  test('DNS asks the resolvers of the host, and nobody where it has none', () => {
    expect(JSON.stringify(addonObjects('coredns', values))).toContain('forward . 192.0.2.53');
    expect(JSON.stringify(addonObjects('coredns', { ...values, resolvers: [] }))).not.toContain('forward');
  });

  test('a changed configuration starts new Pods', () => {
    const fingerprint = (resolvers: readonly string[]) =>
      /"bouture.dev\/configuration":"([0-9a-f]+)"/.exec(
        JSON.stringify(addonObjects('coredns', { ...values, resolvers })),
      )?.[1];
    expect(fingerprint([])).toBeDefined();
    expect(fingerprint([])).not.toBe(fingerprint(['192.0.2.53']));
  });

  test('a variable or an image that nobody knows is refused', () => {
    expect(() => addonObjects('x', values, 'kind: A\nmetadata: { name: $(NOTHING) }\n')).toThrow('$(NOTHING)');
    expect(() => addonObjects('x', values, 'kind: A\nmetadata:\n  name: a\nspec:\n  image: nothing\n')).toThrow(
      'no system image "nothing"',
    );
  });
});
