import { builtInServices } from '../../../../constructs';
import { BUILT_IN_IMAGES, BUILT_IN_SERVICES } from '../../../../constructs/catalog/services/names';
import { image } from '../fixture';

test.each(BUILT_IN_SERVICES)('%s takes the images that are named for it, by which a configuration is judged', (name) => {
  const asked = new Set<string>();
  const get = (key: string) => {
    asked.add(key);
    return image(key);
  };
  expect(builtInServices({ get }, [name]).map((service) => service.name)).toEqual([name]);
  expect([...asked].sort()).toEqual([...BUILT_IN_IMAGES[name]].sort());
});
