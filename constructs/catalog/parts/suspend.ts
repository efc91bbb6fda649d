import { choose } from '../functions';
import { definePart } from '../part';
import { value } from '../schema';

/** The button of Onyxia that pauses a service and resumes it: no Pod runs meanwhile, and its volume stays. */
export function autosuspend() {
  return definePart(
    {
      global: value.group(
        { title: 'Global' },
        {
          suspend: value.flag({
            default: false,
            hidden: true,
            title: { en: 'Paused', fr: 'En pause' },
          }),
        },
      ),
    },
    ({ global }) => ({ replicas: choose<number>(global.suspend, 0, 1) }),
  );
}
