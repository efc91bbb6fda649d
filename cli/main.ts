import { program } from './program';

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`bouture: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
