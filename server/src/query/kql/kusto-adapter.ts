import { createRequire } from "node:module";
import { KQL_TYPES, type Column, type KqlType, type Span } from "../ir.ts";
import type {
  ParsedSyntax,
  Syntax,
  SyntaxDiagnostic,
  SyntaxSymbol,
  SyntaxTable,
  SyntaxType,
} from "./syntax.ts";

/**
 * The only file that knows `@kusto/language-service-next`: C# turned into JavaScript, whose overloads (`$ctor3`, `$ctor4`) may
 * move with any version. Hence the exact pin, the few members declared here by hand, and `kusto-adapter.test.ts`. It costs
 * about 120 MB and up to 3 s when first used, and it may throw its whole source as a message: it runs in a worker only.
 */
interface KustoType {
  readonly Name: string;
  readonly Columns?: KustoList<{ readonly Name: string; readonly Type: KustoType }>;
}

interface KustoList<T> {
  readonly Count: number;
  getItem(index: number): T;
}

interface KustoNode {
  readonly TextStart: number;
  readonly End: number;
  readonly ChildCount: number;
  readonly Text?: string;
  readonly ResultType?: KustoType | null;
  readonly ReferencedSymbol?: { readonly Name: string } | null;
  readonly LiteralValue?: unknown;
  GetChild(index: number): KustoNode | null;
}

interface KustoCode {
  readonly Kind: string;
  readonly Syntax: KustoNode;
  GetDiagnostics(): KustoList<KustoDiagnostic>;
}

interface KustoDiagnostic {
  readonly Code: string;
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
}

/** Opaque: only handed from one constructor to the next. */
type Opaque = object;

interface Globals {
  WithDatabase(database: Opaque): Globals;
}

interface KustoLibrary {
  readonly Language: {
    readonly Editor: {
      readonly FormattingOptions: {
        readonly Default: { WithPipeOperatorStyle(style: unknown): Opaque };
      };
      readonly PlacementStyle: { readonly NewLine: unknown };
      readonly CompletionKind: Readonly<Record<string, unknown>>;
      readonly KustoCodeService: { readonly $ctor1: new (text: string, globals: Globals) => KustoService };
    };
    readonly GlobalState: { readonly Default: Globals };
    readonly KustoCode: { ParseAndAnalyze(text: string, globals: Globals): KustoCode };
    readonly Symbols: {
      readonly ScalarTypes: { GetSymbol(name: string): Opaque };
      readonly ColumnSymbol: new (
        ...parts: readonly [string, Opaque, string | null, null, null, null]
      ) => Opaque;
      readonly TableSymbol: { readonly $ctor4: new (name: string, columns: readonly Opaque[]) => Opaque };
      readonly DatabaseSymbol: {
        readonly $ctor3: new (name: string, other: null, members: readonly Opaque[], open: boolean) => Opaque;
      };
    };
  };
}

interface KustoCompletion {
  readonly DisplayText: string;
  readonly Kind: number;
}

/** What the library's editor services are asked for. Left-out arguments are its defaults; null is not. */
interface KustoService {
  GetCompletionItems(position: number): { readonly Items: KustoList<KustoCompletion> };
  GetQuickInfo(position: number): { readonly Text: string };
  GetFormattedText(options: Opaque): { readonly Text: string };
}

interface BridgeRuntime {
  getTypeName(value: object): string;
}

/** Kusto's parser and binder over a schema. */
export interface KustoAdapter {
  /** @param declared statements of ours that stand before the text; places are of the text alone. */
  parse(text: string, tables: readonly SyntaxTable[], declared?: string): ParsedSyntax;
  /** What may stand at a place, best first; `kind` as the library names it. */
  complete(
    text: string,
    tables: readonly SyntaxTable[],
    at: number,
  ): readonly { readonly label: string; readonly kind: string }[];
  /** What the library knows of what stands at a place. */
  describe(text: string, tables: readonly SyntaxTable[], at: number): string;
  format(text: string): string;
}

/** Loads the library: two scripts that put `Bridge` and `Kusto` on the global object. */
export function loadKusto(): KustoAdapter {
  const require = createRequire(import.meta.url);
  require("@kusto/language-service-next/bridge.min.js");
  require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
  const scope = globalThis as unknown as { readonly Kusto: KustoLibrary; readonly Bridge: BridgeRuntime };
  const { Kusto: kusto, Bridge: bridge } = scope;
  let known: { readonly tables: readonly SyntaxTable[]; readonly globals: Globals } | undefined;
  const globalsFor = (tables: readonly SyntaxTable[]): Globals => {
    if (known?.tables !== tables) known = { tables, globals: globalsOf(kusto, tables) };
    return known.globals;
  };
  const serviceFor = (text: string, tables: readonly SyntaxTable[]): KustoService =>
    new kusto.Language.Editor.KustoCodeService.$ctor1(text, globalsFor(tables));
  const kinds = new Map(
    Object.entries(kusto.Language.Editor.CompletionKind)
      .filter(([, value]) => typeof value === "number")
      .map(([name, value]) => [value, name]),
  );
  return {
    complete: (text, tables, at) =>
      itemsOf(serviceFor(text, tables).GetCompletionItems(at).Items).map(({ DisplayText, Kind }) => ({
        label: DisplayText,
        kind: kinds.get(Kind) ?? "Unknown",
      })),
    describe: (text, tables, at) => serviceFor(text, tables).GetQuickInfo(at).Text,
    format: (text) => {
      const { FormattingOptions, PlacementStyle } = kusto.Language.Editor;
      const options = FormattingOptions.Default.WithPipeOperatorStyle(PlacementStyle.NewLine);
      return serviceFor(text, []).GetFormattedText(options).Text;
    },
    parse: (text, tables, declared = "") => {
      const whole = `${declared}${text}`;
      const code = kusto.Language.KustoCode.ParseAndAnalyze(whole, globalsFor(tables));
      if (code.Kind !== "Query") return { kind: "not-a-query" };
      return {
        kind: "query",
        root: convert(code.Syntax, { bridge, text: whole, skipped: declared.length }),
        diagnostics: diagnosticsOf(code.GetDiagnostics(), declared.length),
      };
    },
  };
}

function globalsOf(kusto: KustoLibrary, tables: readonly SyntaxTable[]): Globals {
  const { ColumnSymbol, DatabaseSymbol, ScalarTypes, TableSymbol } = kusto.Language.Symbols;
  const symbols = tables.map((table) => {
    const columns = table.columns.map(
      ({ name, type }) => new ColumnSymbol(name, ScalarTypes.GetSymbol(type), null, null, null, null),
    );
    return new TableSymbol.$ctor4(table.name, columns);
  });
  return kusto.Language.GlobalState.Default.WithDatabase(
    new DatabaseSymbol.$ctor3("tyto", null, symbols, false),
  );
}

function diagnosticsOf(list: KustoList<KustoDiagnostic>, skipped: number): readonly SyntaxDiagnostic[] {
  return itemsOf(list)
    .filter(({ Severity }) => Severity === "Error")
    .map(({ Code, Message, Start, Length }) => ({
      code: Code,
      message: Message,
      span: { start: Math.max(0, Start - skipped), end: Math.max(0, Start + Length - skipped) },
    }));
}

function itemsOf<T>(list: KustoList<T>): readonly T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

interface Context {
  readonly bridge: BridgeRuntime;
  readonly text: string;
  /** Characters of the text that the person did not write. */
  readonly skipped: number;
}

function convert(node: KustoNode, context: Context): Syntax {
  const name = context.bridge.getTypeName(node).replace("Kusto.Language.Syntax.", "");
  const end = Math.max(node.TextStart, node.End);
  const span: Span = {
    start: Math.max(0, node.TextStart - context.skipped),
    end: Math.max(0, end - context.skipped),
  };
  if (name.startsWith("SyntaxToken")) return { kind: "token", text: node.Text ?? "", span };
  if (name === "LiteralExpression") {
    const type = typeOf(node.ResultType);
    return { kind: "literal", type, value: literalText(node, type, context), span };
  }
  const children = childrenOf(node).map((child) => convert(child, context));
  if (name.startsWith("SyntaxList")) return { kind: "list", items: children, span };
  // One element of a separated list, with its separator.
  if (name.startsWith("SeparatedElement")) return children[0] ?? { kind: "list", items: [], span };
  return {
    kind: "node",
    name,
    type: typeOf(node.ResultType),
    symbol: symbolOf(node, context.bridge),
    columns: columnsOf(node.ResultType),
    children,
    text: context.text.slice(node.TextStart, end),
    span,
  };
}

function childrenOf(node: KustoNode): readonly KustoNode[] {
  return Array.from({ length: node.ChildCount }, (_, index) => node.GetChild(index)).filter(
    (child) => child !== null,
  );
}

function typeOf(type: KustoType | null | undefined): SyntaxType {
  if (type === null || type === undefined) return "other";
  return KQL_TYPES.find((each) => each === type.Name) ?? otherType(type.Name);
}

function otherType(name: string): SyntaxType {
  // `dynamic(array)` and other shapes of it that the binder works out.
  if (name.startsWith("dynamic")) return "dynamic";
  return name === "error" ? "error" : "other";
}

function columnsOf(type: KustoType | null | undefined): readonly Column[] | null {
  if (type?.Columns === undefined) return null;
  return itemsOf(type.Columns).map((column) => ({ name: column.Name, type: columnType(column.Type) }));
}

/** A column of a type that we do not have is refused where it is made. */
function columnType(type: KustoType): KqlType {
  const known = typeOf(type);
  return known === "other" || known === "error" ? "dynamic" : known;
}

const SYMBOL_KINDS = {
  ColumnSymbol: "column",
  TableSymbol: "table",
  FunctionSymbol: "function",
  VariableSymbol: "variable",
  ParameterSymbol: "variable",
} as const;

function symbolOf(node: KustoNode, bridge: BridgeRuntime): SyntaxSymbol {
  const symbol = node.ReferencedSymbol;
  if (symbol === null || symbol === undefined) return null;
  const type = bridge.getTypeName(symbol).split(".").pop() ?? "";
  const kind = Object.entries(SYMBOL_KINDS).find(([name]) => name === type)?.[1] ?? "other";
  return { kind, name: symbol.Name };
}

/** A number, a truth value or a time, in an object of the library's own. */
interface Boxed {
  readonly ticks?: Boxed;
  toString(): string;
}

function literalText(node: KustoNode, type: SyntaxType, context: Context): string | null {
  const value = node.LiteralValue as Boxed | string | null | undefined;
  if (value === null || value === undefined) return null;
  const written = context.text.slice(node.TextStart, node.End);
  // The library's own DateTime loses what is below a millisecond, and its time zone.
  if (type === "datetime") return /^[a-z]+\(\s*(.*?)\s*\)$/is.exec(written)?.[1] ?? written;
  // 100 ns, in a 64-bit integer of the library's own.
  if (type === "timespan" && typeof value === "object") {
    return String(BigInt(value.ticks?.toString() ?? "0") / 10n);
  }
  return value.toString().replace(/^(True|False)$/, (word) => (type === "bool" ? word.toLowerCase() : word));
}
