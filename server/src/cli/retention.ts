import type { Retention, RetentionBody, RetentionWeek } from "@tyto/domain";
import { RETENTION_FLOORS } from "@tyto/domain";
import { humanSize } from "./byte-progress.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import type { UpkeepTarget } from "./upkeep-target.ts";

type Target = Pick<UpkeepTarget, "retention" | "changeRetention" | "runRetention">;
interface Output {
  readonly json: boolean;
}

/** `tyto retention show`. */
export async function showRetention(target: Target, { json }: Output, io: CommandIo): Promise<ExitStatus> {
  const retention = await target.retention();
  await (json ? writeLine(io.stdout, JSON.stringify(retention)) : describe(retention, io));
  return 0;
}

/** `tyto retention set`. */
export async function setRetention(
  target: Target,
  { json, change }: Output & { readonly change: RetentionBody },
  io: CommandIo,
): Promise<ExitStatus> {
  const retention = await target.changeRetention(change);
  await (json ? writeLine(io.stdout, JSON.stringify(retention)) : describe(retention, io));
  return 0;
}

/** `tyto retention forecast`: status 1 when the disk is too small for what is to be kept. */
export async function forecastRetention(
  target: Target,
  { json }: Output,
  io: CommandIo,
): Promise<ExitStatus> {
  const { forecast } = await target.retention();
  await (json ? writeLine(io.stdout, JSON.stringify(forecast)) : describeForecast(forecast, io));
  return forecast.isEnough === false ? 1 : 0;
}

/** `tyto retention run [--dry-run]`. */
export async function runRetention(
  target: Target,
  { json, isDryRun }: Output & { readonly isDryRun: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { dropped } = await target.runRetention(isDryRun);
  if (json) await writeLine(io.stdout, JSON.stringify({ dryRun: isDryRun, dropped }));
  else {
    for (const week of dropped) await writeLine(io.stdout, weekLine(week));
    const events = dropped.reduce((sum, week) => sum + week.events, 0);
    const bytes = dropped.reduce((sum, week) => sum + week.bytes, 0);
    const verb = isDryRun ? "would go" : "went";
    await writeLine(io.stdout, `${events} events, ${humanSize(bytes)} ${verb}`);
  }
  return 0;
}

async function describe(
  { framework, floorDays, days, sources, expired, holds, forecast }: Retention,
  io: CommandIo,
): Promise<void> {
  const { stdout } = io;
  await writeLine(
    stdout,
    `framework  ${framework} (${RETENTION_FLOORS[framework].name}: at least ${floorDays} days)`,
  );
  for (const [name, kept] of Object.entries(days)) await writeLine(stdout, `${name.padEnd(9)}  ${kept} days`);
  for (const [source, one] of Object.entries(sources))
    await writeLine(stdout, printable(`source     ${source} is ${one}`));
  for (const { day, until } of holds) await writeLine(stdout, `held       ${day} until ${until}`);
  for (const week of expired) await writeLine(stdout, `expired    ${weekLine(week)}`);
  await describeForecast(forecast, io);
}

async function describeForecast(forecast: Retention["forecast"], { stdout }: CommandIo): Promise<void> {
  const { storedEvents, storedBytes, freeBytes, bytesPerEvent, eventsPerDay, bytesPerDay, daysLeft } =
    forecast;
  await writeLine(
    stdout,
    `stored     ${storedEvents} events, ${humanSize(storedBytes)} (${bytesPerEvent} bytes each); ${humanSize(freeBytes)} free`,
  );
  if (eventsPerDay === null || bytesPerDay === null) {
    await writeLine(
      stdout,
      "forecast   not yet: it needs an hour of events that arrived in the last seven days",
    );
    return;
  }
  const left = daysLeft === null ? "" : `; the disk lasts ${daysLeft} days if nothing expires`;
  await writeLine(stdout, `forecast   ${eventsPerDay} events, ${humanSize(bytesPerDay)} a day${left}`);
  if (forecast.bytesWhenFull !== null && forecast.isEnough !== null) {
    const verdict = forecast.isEnough ? "the disk is large enough" : "THE DISK IS TOO SMALL";
    await writeLine(
      stdout,
      `           ${humanSize(forecast.bytesWhenFull)} once "standard" is full: ${verdict}`,
    );
  }
}

function weekLine({ class: name, from, to, events, bytes }: RetentionWeek): string {
  return printable(
    `${from.slice(0, 10)} to ${to.slice(0, 10)}  ${name.padEnd(9)}  ${events} events, ${humanSize(bytes)}`,
  );
}
