import { microsToDate } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { pino, stdSerializers } from "pino";
import type { Logger } from "pino";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line says beside its message: never a record's content. An `error` is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * `error`: data was lost or a person must act. `warn`: unexpected, nothing lost. `info`: lifecycle. `debug`: never per event.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with the module's name on every line. */
  of(module: string): Log;
}

export interface LogOptions {
  /** Gets one JSON line per call, newline included. */
  readonly stream: { write(line: string): unknown };
  readonly level: LogLevel;
  readonly now: () => Micros;
}

const SECRET_NAMES = [
  "password",
  "token",
  "secret",
  "authorization",
  "cookie",
  "csrf",
  "hash",
  "passwordHash",
];
const REDACTED = "[redacted]";

/** Secrets that slipped into a message or a deeper field: our tokens, and whatever stands behind `Bearer`. */
const SECRET_TEXT = /\btyto_[\w-]{12,}|\bBearer\s+[^\s"\\]+/g;

export function createLog({ stream, level, now }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${microsToDate(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: REDACTED,
      },
    },
    { write: (line: string) => void stream.write(line.replace(SECRET_TEXT, REDACTED)) },
  );
  return overPino(logger);
}

function overPino(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    of: (module) => overPino(logger.child({ module })),
  };
}
