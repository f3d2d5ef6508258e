/**
 * Owns the bytes of Windows event log files (EVTX): chunks, binary XML, its templates and values. Refuses files and streams (its callers
 * hand it bytes) and the meaning of fields (that is packs and rules). Pure. Promises bounded time and memory for any bytes, no
 * exception, and a Diagnostic for every record that it could not read.
 */
export { evtxFieldsReader, evtxXmlReader, isEvtx } from "./evtx-reader.ts";
export type { EvtxReader, EvtxRecord } from "./evtx-reader.ts";
