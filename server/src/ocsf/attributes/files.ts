import type { FieldReader } from "../field-reader.ts";
import { having, known, oneOrNone } from "../values.ts";
import type { OcsfObject } from "../values.ts";
import { userAt } from "./identity.ts";

/** ECS's name of a hash, OCSF's number and name of it. */
const ALGORITHMS: readonly (readonly [name: string, id: number, caption: string])[] = [
  ["md5", 1, "MD5"],
  ["sha1", 2, "SHA-1"],
  ["sha256", 3, "SHA-256"],
  ["sha512", 4, "SHA-512"],
  ["ssdeep", 5, "CTPH"],
  ["tlsh", 6, "TLSH"],
  ["sha224", 8, "SHA-224"],
  ["sha384", 9, "SHA-384"],
];

export function fingerprint(value: string | undefined, id: number): OcsfObject | undefined {
  const algorithm = ALGORITHMS.find(([, number]) => number === id)?.[2];
  return value === undefined ? undefined : known({ value, algorithm_id: id, algorithm });
}

export function hashesAt(reader: FieldReader, prefix: string): readonly OcsfObject[] {
  const hashes = ALGORITHMS.flatMap(([name, id]) =>
    oneOrNone(fingerprint(reader.text(`${prefix}.hash.${name}`), id)),
  );
  const imphash = reader.text(`${prefix}.pe.imphash`);
  return imphash === undefined
    ? hashes
    : [...hashes, { value: imphash, algorithm_id: 18, algorithm: "Imphash" }];
}

const FILE_TYPES: ReadonlyMap<string, number> = new Map([
  ["file", 1],
  ["dir", 2],
  ["directory", 2],
  ["symlink", 7],
]);

export function file(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const path = r.text("file.path");
    const name = r.text("file.name") ?? lastPart(path);
    if (name === undefined) return undefined;
    return known({
      name,
      type_id: FILE_TYPES.get((r.text("file.type") ?? "").toLowerCase()) ?? 0,
      path,
      parent_folder: r.text("file.directory"),
      ext: r.text("file.extension"),
      size: r.whole("file.size"),
      mime_type: r.text("file.mime_type"),
      uid: r.text("file.inode"),
      hashes: hashesAt(r, "file"),
      owner: known({ name: r.text("file.owner"), uid: r.text("file.uid") }),
      created_time: r.instant("file.created"),
      modified_time: r.instant("file.mtime"),
      accessed_time: r.instant("file.accessed"),
      internal_name: r.text("file.pe.original_file_name"),
      company_name: r.text("file.pe.company"),
      desc: r.text("file.pe.description"),
      version: r.text("file.pe.file_version"),
    });
  });
}

/** A file that is known by its path or name alone: a program, a library, a driver. */
export function programFile(reader: FieldReader, prefix: string, pathName: string): OcsfObject | undefined {
  return reader.attempt((r) => {
    const path = r.text(`${prefix}.${pathName}`);
    const name = lastPart(path) ?? r.peek(`${prefix}.name`);
    if (name === undefined) return undefined;
    if (r.peek(`${prefix}.name`) === name) r.take(`${prefix}.name`);
    return known({
      name,
      type_id: 1,
      path,
      hashes: hashesAt(r, prefix),
      internal_name: r.text(`${prefix}.pe.original_file_name`),
      company_name: r.text(`${prefix}.pe.company`),
      desc: r.text(`${prefix}.pe.description`),
      version: r.text(`${prefix}.pe.file_version`),
    });
  });
}

function lastPart(path: string | undefined): string | undefined {
  const part = path?.split(/[\\/]/).findLast((text) => text !== "");
  return part === "" ? undefined : part;
}

/** OCSF knows a process by its number or a uid; ECS often names only the program. */
export function process(reader: FieldReader): OcsfObject | undefined {
  return processAt(reader, "process", { parent: parentProcess });
}

/** Where only the program is named, the process is one that we number: OCSF's uid is the producer's to give. */
export function startedProcess(
  reader: FieldReader,
  { eventId }: { readonly eventId: string },
): OcsfObject | undefined {
  const found = process(reader);
  if (found !== undefined) return found;
  const isNamed = ["process.name", "process.executable", "process.command_line"].some((name) =>
    reader.has(name),
  );
  return isNamed ? processAt(reader, "process", { parent: parentProcess, uid: eventId }) : undefined;
}

export function parentProcess(reader: FieldReader): OcsfObject | undefined {
  return processAt(reader, "process.parent");
}

function processAt(
  reader: FieldReader,
  prefix: string,
  {
    parent,
    uid,
  }: { readonly parent?: (reader: FieldReader) => OcsfObject | undefined; readonly uid?: string } = {},
): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        pid: r.whole(`${prefix}.pid`),
        uid: r.text(`${prefix}.entity_id`) ?? uid,
        name: r.text(`${prefix}.name`),
        path: r.peek(`${prefix}.executable`),
        file: programFile(r, prefix, "executable"),
        cmd_line: r.text(`${prefix}.command_line`) ?? joined(r.texts(`${prefix}.args`)),
        working_directory: r.text(`${prefix}.working_directory`),
        created_time: r.instant(`${prefix}.start`),
        terminated_time: r.instant(`${prefix}.end`),
        user: userAt(r, `${prefix}.user`),
        parent_process: parent?.(r),
      }),
      "pid",
      "uid",
    ),
  );
}

function joined(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(" ");
}

/** Standard loading is all that ECS's `library` category tells of. */
export function module(reader: FieldReader): OcsfObject | undefined {
  const loaded = programFile(reader, "dll", "path") ?? file(reader);
  return loaded === undefined ? undefined : { file: loaded, load_type_id: 1, load_type: "Standard" };
}

export function driver(reader: FieldReader): OcsfObject | undefined {
  const loaded = file(reader) ?? programFile(reader, "dll", "path");
  return loaded === undefined ? undefined : { file: loaded };
}
