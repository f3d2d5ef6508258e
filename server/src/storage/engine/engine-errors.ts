import { ClickHouseError } from "@clickhouse/client";
import { TytoError } from "@tyto/domain";
import type { ErrorCode } from "@tyto/domain";

/** ClickHouse's numbers for what is wrong with the world or with the cost, and not with the statement or its rows. */
const CODE_OF_ENGINE_CODE: ReadonlyMap<string, ErrorCode> = new Map([
  ["159", "query-timeout"], // TIMEOUT_EXCEEDED
  ["160", "query-too-expensive"], // TOO_SLOW
  ["158", "query-too-expensive"], // TOO_MANY_ROWS
  ["307", "query-too-expensive"], // TOO_MANY_BYTES
  ["396", "query-too-expensive"], // TOO_MANY_ROWS_OR_BYTES
  ["241", "query-too-expensive"], // MEMORY_LIMIT_EXCEEDED
  ["191", "query-too-expensive"], // SET_SIZE_LIMIT_EXCEEDED
  ["395", "query-too-expensive"], // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: a statement of ours says that it cannot go on
  ["394", "query-cancelled"], // QUERY_WAS_CANCELLED
  ["735", "query-cancelled"], // QUERY_WAS_CANCELLED_BY_CLIENT
  ["243", "disk-full"], // NOT_ENOUGH_SPACE
  ["252", "engine-unavailable"], // TOO_MANY_PARTS
  ["202", "engine-unavailable"], // TOO_MANY_SIMULTANEOUS_QUERIES
  ["236", "engine-unavailable"], // ABORTED
  ["74", "store-failed"], // CANNOT_READ_FROM_FILE_DESCRIPTOR
  ["75", "store-failed"], // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  ["76", "store-failed"], // CANNOT_OPEN_FILE
  ["77", "store-failed"], // CANNOT_CLOSE_FILE
  ["84", "store-failed"], // DIRECTORY_ALREADY_EXISTS: of an insert that failed half-way
  ["87", "store-failed"], // CANNOT_SEEK_THROUGH_FILE
  ["88", "store-failed"], // CANNOT_TRUNCATE_FILE
  ["172", "store-failed"], // CANNOT_CREATE_DIRECTORY
  ["173", "engine-unavailable"], // CANNOT_ALLOCATE_MEMORY
  ["204", "store-failed"], // CANNOT_FSYNC
  ["294", "store-failed"], // CANNOT_WRITE_TO_FILE
  ["521", "store-failed"], // ATOMIC_RENAME_FAIL
  ["531", "store-failed"], // CANNOT_FSTAT
  ["586", "store-failed"], // CANNOT_CREATE_FILE
  ["641", "store-failed"], // CANNOT_APPEND_TO_FILE
  ["516", "engine-unavailable"], // AUTHENTICATION_FAILED
]);

/** What the engine or the way to it says, as an error of ours. Whatever is not the world's fault is `engine-rejected`. */
export function engineError(error: unknown): TytoError {
  if (error instanceof TytoError) return error;
  if (error instanceof ClickHouseError) {
    const code = CODE_OF_ENGINE_CODE.get(error.code) ?? "engine-rejected";
    // The engine's own words quote rows and statements: they stay in the cause.
    return new TytoError(code, `the event engine says ${error.type ?? "error"} (${error.code})`, {
      cause: error,
    });
  }
  return new TytoError("engine-unavailable", "the event engine does not answer", { cause: error });
}
