import type { FieldReader } from "../field-reader.ts";
import { having, known } from "../values.ts";
import type { OcsfObject } from "../values.ts";
import { userAt } from "./identity.ts";
import { parentProcess, process } from "./files.ts";

const OS_TYPES: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ["windows", [100, "Windows"]],
  ["linux", [200, "Linux"]],
  ["android", [201, "Android"]],
  ["macos", [300, "macOS"]],
  ["ios", [301, "iOS"]],
  ["solaris", [400, "Solaris"]],
  ["aix", [401, "AIX"]],
]);

const DEVICE_TYPES: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ["firewall", [9, "Firewall"]],
  ["switch", [10, "Switch"]],
  ["router", [12, "Router"]],
  ["ids", [13, "IDS"]],
  ["ips", [14, "IPS"]],
  ["load-balancer", [15, "Load Balancer"]],
]);

/** Where it happened: the host that logged it, else the appliance that saw it. */
export function device(reader: FieldReader): OcsfObject | undefined {
  return host(reader) ?? observer(reader);
}

function host(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const found = having(
      known({
        hostname: r.text("host.hostname", "host.name"),
        name: r.text("host.name"),
        uid: r.text("host.id"),
        ip: r.ip("host.ip"),
        mac: r.mac("host.mac"),
        domain: r.text("host.domain"),
        os: os(r),
        agent_list: agents(r),
      }),
      "hostname",
      "name",
      "uid",
      "ip",
    );
    if (found === undefined) return undefined;
    r.alsoTold(r.peek("host.hostname") ?? r.peek("host.name"), "observer.hostname", "observer.name");
    return { ...found, ...deviceType(r.text("observer.type")) };
  });
}

function observer(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const found = having(
      known({
        hostname: r.text("observer.hostname", "observer.name"),
        name: r.text("observer.name"),
        uid: r.text("observer.serial_number"),
        ip: r.ip("observer.ip"),
        mac: r.mac("observer.mac"),
        agent_list: agents(r),
      }),
      "hostname",
      "name",
      "uid",
      "ip",
    );
    return found === undefined ? undefined : { ...found, ...deviceType(r.text("observer.type")) };
  });
}

function deviceType(text: string | undefined): OcsfObject {
  if (text === undefined) return { type_id: 0, type: "Unknown" };
  const [id, caption] = DEVICE_TYPES.get(text.toLowerCase()) ?? [99, text];
  return { type_id: id, type: caption };
}

function os(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const type = (r.peek("host.os.type") ?? r.peek("host.os.family") ?? "").toLowerCase();
    const [id, caption] = OS_TYPES.get(type) ?? [type === "" ? 0 : 99, type];
    const name = r.text("host.os.full", "host.os.name") ?? (caption === "" ? undefined : caption);
    if (name === undefined) return undefined;
    if (id !== 0) r.take("host.os.type");
    return known({
      name,
      type_id: id,
      version: r.text("host.os.version"),
      kernel_release: r.text("host.os.kernel"),
    });
  });
}

function agents(reader: FieldReader): readonly OcsfObject[] | undefined {
  const agent = reader.attempt((r) =>
    having(
      known({
        uid: r.text("agent.id"),
        name: r.text("agent.name"),
        type: r.text("agent.type"),
        version: r.text("agent.version"),
      }),
      "uid",
      "name",
    ),
  );
  return agent === undefined ? undefined : [{ ...agent, type_id: 99 }];
}

/** Who or what did it. Asked last: what the class itself tells about is told there, and not again here. */
export function actor(
  reader: FieldReader,
  { user, isProcessClass }: { readonly user: OcsfObject | undefined; readonly isProcessClass: boolean },
): OcsfObject | undefined {
  return known({
    user,
    process: isProcessClass ? undefined : (process(reader) ?? parentProcess(reader)),
    session: reader.attempt((r) => known({ uid: r.text("winlog.logon.id", "user.session.id") })),
  });
}

/** `reg_key` or `reg_value`, from the full path; the value's name is its own. */
export function registryKey(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const path = r.text("registry.path") ?? r.text("registry.key");
    return path === undefined ? undefined : { path };
  });
}

export function registryValue(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const name = r.text("registry.value");
    const key = registryKey(r);
    if (name === undefined || key === undefined) return undefined;
    const strings = r.texts("registry.data.strings");
    return known({
      ...key,
      name,
      type: r.text("registry.data.type"),
      ...(strings.length === 1 ? { reg_string_data: strings[0] } : { reg_string_list_data: strings }),
    });
  });
}

/** Windows' words for how a service starts, with OCSF's numbers. */
const START_TYPES: ReadonlyMap<string, number> = new Map([
  ["boot start", 1],
  ["system start", 2],
  ["auto start", 3],
  ["demand start", 4],
  ["disabled", 5],
]);

export function windowsService(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const name = r.text("service.name", "winlog.event_data.ServiceName");
    if (name === undefined) return undefined;
    const start = r.text("winlog.event_data.StartType", "winlog.event_data.ServiceStartType");
    return having(
      known({
        name,
        cmd_line: r.text(
          "process.command_line",
          "winlog.event_data.ImagePath",
          "winlog.event_data.ServiceFileName",
        ),
        service_start_name: r.text("winlog.event_data.AccountName", "winlog.event_data.ServiceAccount"),
        service_start_type: start,
        service_start_type_id: start === undefined ? undefined : (START_TYPES.get(start.toLowerCase()) ?? 99),
      }),
      "cmd_line",
      "service_start_name",
      "service_start_type_id",
    );
  });
}

/** Windows' tasks and cron's tables; the name is all that OCSF must know. */
export function job(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const name = r.text("winlog.event_data.TaskName") ?? r.text("service.name", "file.name");
    if (name === undefined) return undefined;
    return known({ name, cmd_line: r.text("process.command_line"), user: userAt(r, "user.effective") });
  });
}

/** The application that was started, stopped or installed. */
export function app(
  reader: FieldReader,
  { product }: { readonly product: string | undefined },
): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        name: r.text("package.name") ?? r.text("service.name") ?? product,
        version: r.text("package.version") ?? r.text("service.version"),
        vendor_name: r.peek("observer.vendor"),
      }),
      "name",
    ),
  );
}
