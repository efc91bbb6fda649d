import { isSet, unless, when } from '../functions';
import { object, objectName } from '../object';
import { definePart } from '../part';
import { value } from '../schema';

export interface PersistenceProps {
  /** Folder of the container that is kept. */
  readonly mountPath: string;
  /** Size at first, in GiB. @default 10 */
  readonly size?: number;
  /** The largest that people may ask for, in GiB. @default 100 */
  readonly max?: number;
}

/** Name of the volume. */
const VOLUME = 'data';

/**
 * A volume for what people make. It goes with the service, unless they ask to keep it; without a volume, files live as long as the Pod. The
 * office may lay down other sizes: its schema `ide/persistence.json`.
 */
export function persistence({ mountPath, size = 10, max = 100 }: PersistenceProps) {
  return definePart(
    {
      persistence: value.group(
        { title: { en: 'Storage', fr: 'Stockage' }, instanceSchema: 'ide/persistence.json' },
        {
          enabled: value.flag({
            default: true,
            title: { en: 'Keep files in a volume', fr: 'Garder les fichiers dans un volume' },
          }),
          size: value.amount({
            default: `${size}Gi`,
            unit: 'Gi',
            min: 1,
            max,
            title: { en: 'Size of the volume', fr: 'Taille du volume' },
            hiddenIf: { sibling: 'enabled', is: false },
          }),
          storageClass: value.text({
            default: '',
            title: { en: 'Kind of storage', fr: 'Classe de stockage' },
            pattern: '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$',
            hidden: true,
          }),
          keep: value.flag({
            default: false,
            title: {
              en: 'Keep the volume when the service is deleted',
              fr: 'Garder le volume quand le service est supprimé',
            },
            hiddenIf: { sibling: 'enabled', is: false },
          }),
        },
      ),
    },
    ({ persistence: { enabled, size: amount, storageClass, keep } }) => ({
      objects: [
        when(
          enabled,
          object(
            'PersistentVolumeClaim',
            'data',
            {
              spec: {
                accessModes: ['ReadWriteOnce'],
                resources: { requests: { storage: amount } },
                storageClassName: when(isSet(storageClass), storageClass),
              },
            },
            { annotations: { 'helm.sh/resource-policy': when(keep, 'keep') } },
          ),
        ),
      ],
      volumes: [
        {
          name: VOLUME,
          persistentVolumeClaim: when(enabled, { claimName: objectName('data') }),
          emptyDir: unless(enabled, { sizeLimit: amount }),
        },
      ],
      mounts: [{ name: VOLUME, mountPath }],
    }),
  );
}
