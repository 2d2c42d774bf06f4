import { Type } from 'typebox';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { ConfigError, loadConfig, logLevel, milliseconds } from './config.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';

export interface ProcessContext {
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  /** Ends the process with a sentence: something outside makes it impossible to go on. */
  readonly fatal: (error: unknown) => never;
}

const processConfig = Type.Object({
  LOG_LEVEL: logLevel(),
  DRAIN_DELAY_MS: milliseconds(5000, { minimum: 0, maximum: 60_000 }),
});

/** Runs an entrypoint: a wrong environment or a failed start is one line of log and exit code 1; SIGTERM and SIGINT shut it down. */
export function runProcess(name: string, main: (context: ProcessContext) => Promise<void>): void {
  const env = process.env;
  const startLogger = createLogger({ name, level: 'info' });
  const fatal = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    startLogger.fatal(
      error instanceof ConfigError ? { reason } : { reason, err: error },
      `${name} ends: ${reason}`,
    );
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  try {
    const { LOG_LEVEL: level, DRAIN_DELAY_MS: drainDelayMs } = loadConfig(processConfig, env);
    const logger = createLogger({ name, level });
    const shutdown = createShutdown({ drainDelayMs, logger });
    onSignals(shutdown);
    main({ env, logger, shutdown, fatal }).catch(fatal);
  } catch (error) {
    fatal(error);
  }
}

/** The second signal ends the process at once. */
function onSignals(shutdown: Shutdown): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (shutdown.signal.aborted) process.exit(1);
      shutdown.start(signal).then(() => process.exit(0));
    });
  }
}
