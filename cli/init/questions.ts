import type { CANCEL_SYMBOL } from '@clack/prompts' with { 'resolution-mode': 'import' };
import { parseConfig } from '../../blueprints/load';
import { ConfigError, sentence } from '../../blueprints/config/problems';
import { blueprints } from '../../blueprints/registry';
import { exampleDomain, exampleMirror, officeConfig, type OfficeProps } from './office';

/** What was said by flags; the rest is asked for or taken from the blueprint's example. */
export type Given = Partial<Omit<OfficeProps, 'blueprint'>> & { readonly blueprint?: string };

/** Thrown when whoever is asked goes away. */
export class Cancelled extends Error {}

/**
 * Asks on the terminal for what an office must say and no flag has said: the blueprint, the name, the domain where the blueprint gives hosts, the
 * registry of images. An answer is checked as the configuration will be, before the next question.
 *
 * @param name what to suggest
 * @throws Cancelled when the person presses Ctrl-C
 */
export async function ask(given: Given, name: string): Promise<OfficeProps> {
  const { cancel, intro, isCancel, select, text } = await import('@clack/prompts');
  const answered = <T>(answer: T | typeof CANCEL_SYMBOL): T => {
    if (!isCancel(answer)) return answer;
    cancel('nothing was written');
    throw new Cancelled();
  };
  intro('A folder of your own: config.yaml says everything again, and can be changed later.');
  const blueprint =
    given.blueprint ??
    answered(
      await select({
        message: 'Which blueprint?',
        options: Object.values(blueprints).map((one) => ({ value: one.name, label: one.name, hint: one.title })),
      }),
    );
  let office: OfficeProps = { ...given, blueprint, name: given.name ?? name };
  const question = async (key: 'name' | 'domain' | 'mirror', message: string, suggested: string) => {
    const answer = await text({
      message,
      placeholder: suggested,
      defaultValue: suggested,
      validate: (value) => problemWith({ ...office, [key]: value === undefined || value === '' ? suggested : value }),
    });
    office = { ...office, [key]: answered(answer) };
  };
  if (given.name === undefined) {
    await question('name', 'What is the installation called? Its namespaces begin with this; chosen once.', name);
  }
  const domain = exampleDomain(blueprint);
  if (given.domain === undefined && domain !== undefined) {
    await question('domain', 'In which domain does everything get a host?', domain);
  }
  if (given.mirror === undefined) {
    await question('mirror', 'Which registry are images pulled from?', exampleMirror(blueprint));
  }
  return office;
}

/** The first thing that is wrong in the configuration that answers make. */
export function problemWith(office: OfficeProps): string | undefined {
  try {
    parseConfig('config.yaml', officeConfig(office));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = error.problems;
    return first === undefined ? undefined : `${first.path}: ${sentence(first)}`;
  }
}
