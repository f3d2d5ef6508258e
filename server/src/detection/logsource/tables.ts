import { APPLICATIONS } from "./applications.ts";
import { AUDITD } from "./auditd.ts";
import { AWS } from "./aws.ts";
import { AZURE } from "./azure.ts";
import { DEVELOPMENT } from "./development.ts";
import { ENDPOINT } from "./endpoint.ts";
import { GOOGLE } from "./google.ts";
import { IDENTITY } from "./identity.ts";
import { MICROSOFT365 } from "./microsoft365.ts";
import { NETWORK } from "./network.ts";
import { OURS } from "./ours.ts";
import type { LogsourceTable } from "./rows.ts";
import { WEB_LOGS } from "./web.ts";
import { WINDOWS } from "./windows.ts";
import { ZEEK } from "./zeek.ts";

/** The whole logsource map, in the order of the reference page. */
export const LOGSOURCE_TABLES: readonly LogsourceTable[] = [
  WINDOWS,
  ENDPOINT,
  AUDITD,
  WEB_LOGS,
  NETWORK,
  ZEEK,
  AWS,
  AZURE,
  MICROSOFT365,
  GOOGLE,
  IDENTITY,
  DEVELOPMENT,
  APPLICATIONS,
  OURS,
];
