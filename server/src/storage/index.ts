/**
 * Owns everything that outlives the process: the journal, the events in the engine, and the relational store.
 * Refuses to interpret what it keeps: no detection, no triage, no query text from outside. Promises that what it has
 * acknowledged survives a crash, and that a replay after one adds nothing twice.
 */
export type * from "./ports.ts";
export { openJournal } from "./journal/open-journal.ts";
export type { JournalOptions } from "./journal/open-journal.ts";
export { Books } from "./books/books.ts";
export type { LiveAccount } from "./books/books.ts";
export { SourceRegistry } from "./books/source-registry.ts";
export type { SourceClaim } from "./books/source-registry.ts";
export { openControlOffline } from "./offline-control.ts";
export type { OfflineControl } from "./offline-control.ts";
export { openControlStore } from "./control/open-control-store.ts";
export type { ControlStoreOptions } from "./control/open-control-store.ts";
export { openEngine } from "./engine/open-engine.ts";
export type { EmbeddedEngine, EngineOptions } from "./engine/open-engine.ts";
export type { BrokenPart, DetachedPart } from "./engine/engine-parts.ts";
export { setAsideParts } from "./engine/set-aside.ts";
export { openSecretBox } from "./secrets/open-secret-box.ts";
export { SecretBox } from "./secrets/secret-box.ts";
export type { SecretKeyPlace } from "./secrets/open-secret-box.ts";
export { checkKey, encryptionState, rotateKey } from "./sealing/rotate-key.ts";
export type { EncryptionState } from "./sealing/rotate-key.ts";
export { openStoreKeys, unlockOther } from "./sealing/open-store-keys.ts";
export type { MasterKey } from "./sealing/master-key.ts";
export { readMasterKey } from "./sealing/read-master-key.ts";
export type { KeySource } from "./sealing/read-master-key.ts";
export type { StoreKeys } from "./sealing/store-keys.ts";
export { partsOf } from "./backup/earlier-parts.ts";
export { restoreBackup } from "./backup/restore-backup.ts";
export type { RestoreStep } from "./backup/restore-backup.ts";
export { keepBundle, refuseTaken } from "./bundle/keep-bundle.ts";
export { archiveEntries, FolderPlace, ObjectPlace, tarOf, verifyArchive } from "./archive/archive-place.ts";
export type { ArchivePlace } from "./archive/archive-place.ts";
export { S3Objects } from "./archive/s3-objects.ts";
export { RetentionSettings } from "./retention/retention-settings.ts";
export { preflight } from "./preflight/preflight.ts";
export { SCHEMA_VERSIONS } from "./schema-versions.ts";
export { ACCESS_AUDIT, AuditFile } from "./audit-file.ts";
export type { AccessAction, AuditEntry, AuditLine, ChangeAction } from "./audit-file.ts";
export { AuditLog } from "./audit-log.ts";
export type { AuditAnswer, AuditQuestion, FoundAuditLine } from "./audit-log.ts";
export { ExportFolder } from "./exports/export-file.ts";
export type { ExportFile } from "./exports/export-file.ts";
export { ParquetJoiner } from "./exports/parquet-joiner.ts";
export { linesOfRows } from "./exports/row-texts.ts";
export { Upkeep } from "./upkeep.ts";
export { abandonConversion, decryptDirectory, encryptDirectory } from "./conversion/convert-directory.ts";
export type { ConversionOptions, ConversionStep } from "./conversion/convert-directory.ts";
