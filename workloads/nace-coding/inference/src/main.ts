import { pino } from 'pino';
import { start } from './app.js';
import type { Config } from './config.js';
import { ConfigError, readConfig } from './read-config.js';

/** Exit code for a configuration that cannot be used. */
const BAD_CONFIGURATION = 2;

function configOrExit(): Config {
  try {
    return readConfig(process.env['CONFIG_FILE']);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(BAD_CONFIGURATION);
  }
}

const config = configOrExit();
const log = pino({ level: config.logLevel, base: {}, timestamp: pino.stdTimeFunctions.isoTime });

try {
  const app = await start(config, log);
  log.info({ port: config.server.port, managementPort: config.server.managementPort }, 'listening');
  const end = (signal: string) => {
    log.info({ signal }, 'shutting down');
    app.stop().then(
      (kept) => {
        if (!kept) log.warn('records stay on the disk for the next start');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'shutting down failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
} catch (error) {
  log.fatal({ err: error }, 'the service cannot start');
  process.exit(1);
}
