import fc from 'fast-check';
import { MinioTopology } from '../../../constructs';

describe('MinioTopology', () => {
  test('is one server with one drive where nothing is spread', () => {
    expect(MinioTopology.standalone()).toMatchObject({ servers: 1, volumesPerServer: 1, isDistributed: false });
  });

  test.each([
    [4, 1, 4],
    [2, 2, 4],
    [4, 4, 16],
    [5, 1, 5],
    [8, 4, 16],
    [32, 1, 16],
    [6, 4, 12],
    [3, 7, 3],
  ])('of %i servers with %i drives has erasure sets of %i drives', (servers, volumesPerServer, setDrives) => {
    expect(MinioTopology.distributed({ servers, volumesPerServer }).setDrives).toBe(setDrives);
  });

  test.each([
    [{ servers: 1 }, 'servers is a whole number of 2 or more, given 1'],
    [{ servers: 2.5 }, 'given 2.5'],
    [{ servers: 4, volumesPerServer: 0 }, 'volumesPerServer is a whole number of 1 or more, given 0'],
    [{ servers: 3 }, 'distributed MinIO needs 4 drives or more, given 3 servers with 1'],
    [{ servers: 17 }, '17 drives on 17 servers fall into no equal erasure sets of 2 to 16 drives'],
    [{ servers: 4, parity: 3 }, 'parity 3 does not fit erasure sets of 4 drives: use 1 to 2'],
    [{ servers: 4, parity: 0 }, 'parity 0 does not fit'],
    [{ servers: 5, parity: 3 }, 'use 1 to 2'],
    [{ servers: 4, parity: 1.5 }, 'parity 1.5 does not fit'],
  ])('refuses %j', (props, message) => {
    expect(() => MinioTopology.distributed(props)).toThrow(message);
  });

  test('takes as many drives of each server into a set, or whole servers, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.integer({ min: 1, max: 24 }), (servers, volumesPerServer) => {
        let setDrives: number | undefined;
        try {
          ({ setDrives } = MinioTopology.distributed({ servers, volumesPerServer }));
        } catch (error) {
          return error instanceof RangeError;
        }
        const size = setDrives ?? 0;
        return (
          size >= 2 &&
          size <= 16 &&
          (servers * volumesPerServer) % size === 0 &&
          (size % servers === 0 || servers % size === 0)
        );
      }),
    );
  });
});
