import { TytoError } from "@tyto/domain";
import Type from "typebox";
import { Compile } from "typebox/compile";
import type { StoreKeys } from "../sealing/store-keys.ts";

/** The last file of a bundle: without it, there is none. */
export const MANIFEST = "manifest.json";
/** Of a file whose content is encrypted (`sealed-stream.ts`). */
export const SEALED_ENDING = ".sealed";
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;
/** 2: what it holds of events is encrypted. */
const FORMAT = 2;
const PLAIN_FORMAT = 1;

const FileSchema = Type.Object({
  path: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
/** A file of a bundle, with what proves that it is as it was. */
export type BundleFile = Type.Static<typeof FileSchema>;

const CensusSchema = Type.Object({
  rows: Type.Integer({ minimum: 0 }),
  /** Sums of two hashes over id and raw bytes of each row: the order of rows does not matter. */
  hash: Type.String({ pattern: "^\\d{1,20}-\\d{1,20}$" }),
});
/** How many rows, and a hash over their ids and raw bytes. */
export type Census = Type.Static<typeof CensusSchema>;

const shared = {
  format: Type.Union([Type.Literal(PLAIN_FORMAT), Type.Literal(FORMAT)]),
  /** Of an encrypted one: the keyring, whose keys the master key opens. */
  keyring: Type.Optional(Type.String()),
  /** Version of the program that made it. */
  tyto: Type.String(),
  createdAt: Type.String(),
  /** The journal it comes from. */
  origin: Type.String({ pattern: "^[0-9a-f]{16}$" }),
  files: Type.Array(FileSchema),
};

const BackupSchema = Type.Object({
  ...shared,
  kind: Type.Literal("backup"),
  /** Everything up to here is in the stores; what follows is in the journal's tail. */
  checkpoint: Type.Integer({ minimum: 0 }),
  head: Type.Integer({ minimum: 0 }),
  /** Rows up to the checkpoint. */
  events: CensusSchema,
  quarantined: CensusSchema,
  schema: Type.Object({ engine: Type.Integer(), control: Type.String() }),
  /** Symbolic links of the engine: it finds tables by them. */
  links: Type.Array(Type.Object({ path: Type.String(), target: Type.String() })),
  /** Folders (parts of tables) whose files the receiver has from an earlier backup. */
  kept: Type.Array(Type.String()),
  includesKeys: Type.Boolean(),
});
export type BackupManifest = Type.Static<typeof BackupSchema>;

const ArchiveSchema = Type.Object({
  ...shared,
  kind: Type.Literal("archive"),
  /** `YYYY-MM-DD`, UTC, of the events' own time. */
  day: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }),
  events: CensusSchema,
  columns: Type.Array(Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]*$" })),
});
export type ArchiveManifest = Type.Static<typeof ArchiveSchema>;

export type BundleManifest = BackupManifest | ArchiveManifest;

/** What a manifest says of encryption. */
export function sealingOf(keys: StoreKeys | undefined): Pick<BundleManifest, "format" | "keyring"> {
  return keys === undefined ? { format: PLAIN_FORMAT } : { format: FORMAT, keyring: keys.keyring };
}

const isBackup = Compile(BackupSchema);
const isArchive = Compile(ArchiveSchema);

export function manifestText(manifest: BundleManifest): string {
  return `${JSON.stringify(manifest, undefined, 1)}\n`;
}

/** @throws TytoError `bundle-damaged` for what is none, and for one that a newer Tyto has made. */
export function parseManifest(text: string): BundleManifest {
  if (text.length > MAX_MANIFEST_BYTES) throw damaged("is too long");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("is no JSON");
  }
  if (typeof value === "object" && value !== null && "format" in value) {
    const { format } = value;
    if (typeof format === "number" && format > FORMAT) {
      throw new TytoError(
        "bundle-damaged",
        `the bundle has format ${format}, this version reads up to ${FORMAT}`,
        {
          hint: "Use the version of Tyto that made it, or a newer one.",
        },
      );
    }
  }
  if (isManifest(value)) return value;
  throw damaged("lacks what a manifest must say");
}

function isManifest(value: unknown): value is BundleManifest {
  return isBackup.Check(value) || isArchive.Check(value);
}

function damaged(what: string): TytoError {
  return new TytoError("bundle-damaged", `${MANIFEST} ${what}`, {
    hint: "It was cut or changed. Use another copy; nothing of this one was used.",
  });
}
