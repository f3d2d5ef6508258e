import type { BinXmlElement, BinXmlNode } from "./binxml.ts";
import { PLACE } from "./fragment.ts";
import type { Place } from "./fragment.ts";

/**
 * One thing to do for a record. A plan is a list of them: what a template's tree means for Sigma's names is decided once, and a
 * record costs no more than its values.
 */
export type FieldStep =
  /** Without the value, the next `steps` are left out. */
  | { readonly kind: "unless-null"; readonly index: number; readonly steps: number }
  | {
      readonly kind: "value";
      readonly name: string;
      readonly index: number;
      /** Attributes whose value is null are not there; elements are, and null. */
      readonly skipsNull: boolean;
      /** The name came before: both values are kept. */
      readonly isRepeated: boolean;
    }
  | { readonly kind: "text"; readonly name: string; readonly text: string; readonly isRepeated: boolean }
  | {
      readonly kind: "parts";
      readonly name: string;
      readonly parts: readonly BinXmlNode[];
      readonly isRepeated: boolean;
    }
  /** `<Data Name="%1">`: a name that the record brings. */
  | { readonly kind: "named"; readonly nameParts: readonly BinXmlNode[]; readonly element: BinXmlElement }
  /** An element with elements of its own. */
  | { readonly kind: "tree"; readonly name: string; readonly element: BinXmlElement }
  /** XML in a value, or a plain value where XML may stand. */
  | { readonly kind: "fragment"; readonly index: number; readonly place: Place; readonly name: string }
  | { readonly kind: "instance"; readonly at: number; readonly place: Place };

export type FieldPlan = readonly FieldStep[];

const NAMELESS = "Data";

/** What the nodes of a fragment mean at their place. */
export function planFields(nodes: readonly BinXmlNode[], place: Place): FieldPlan {
  const planner = new FieldPlanner();
  planner.nodes(nodes, place);
  return planner.steps;
}

class FieldPlanner {
  readonly steps: FieldStep[] = [];
  readonly #names = new Set<string>();

  nodes(nodes: readonly BinXmlNode[], place: Place): void {
    for (const node of nodes) this.#node(node, place);
  }

  #node(node: BinXmlNode, place: Place): void {
    switch (node.kind) {
      case "element":
        this.#guarded(node, () => this.#element(node, place));
        return;
      case "hole":
        this.steps.push({ kind: "fragment", index: node.index, place, name: NAMELESS });
        return;
      case "instance":
        this.steps.push({ kind: "instance", at: node.at, place });
        return;
      case "text":
        if (place === PLACE.data && node.text.trim() !== "") this.#text(NAMELESS, node.text);
    }
  }

  #guarded(element: BinXmlElement, plan: () => void): void {
    if (element.dependency < 0) return plan();
    const at = this.steps.length;
    this.steps.push({ kind: "unless-null", index: element.dependency, steps: 0 });
    plan();
    const steps = this.steps.length - at - 1;
    this.steps[at] = { kind: "unless-null", index: element.dependency, steps };
  }

  #element(element: BinXmlElement, place: Place): void {
    const { name, children } = element;
    switch (place) {
      case PLACE.record:
        this.nodes(children, PLACE.event);
        return;
      case PLACE.event:
        if (name === "System") this.#system(children);
        else this.nodes(children, name === "UserData" ? PLACE.userData : PLACE.data);
        return;
      case PLACE.userData:
        this.#wrapper(element);
        return;
      case PLACE.data:
        this.#datum(element);
    }
  }

  /** `Provider` with its attribute `Name` becomes `Provider_Name` (Sigma's taxonomy). */
  #system(nodes: readonly BinXmlNode[]): void {
    for (const node of nodes) {
      if (node.kind !== "element") continue;
      this.#guarded(node, () => {
        for (const { name, parts } of node.attributes) this.#content(`${node.name}_${name}`, parts, true);
        if (node.attributes.length === 0 || node.children.length > 0)
          this.#content(node.name, node.children, node.attributes.length > 0);
      });
    }
  }

  /** One element wraps all of UserData; its name says nothing that rules ask for. */
  #wrapper(element: BinXmlElement): void {
    const [first] = element.children;
    if (element.children.some(({ kind }) => kind === "element" || kind === "instance"))
      this.nodes(element.children, PLACE.data);
    else if (element.children.length === 1 && first?.kind === "hole")
      this.steps.push({
        kind: "fragment",
        index: first.index,
        place: PLACE.data,
        name: withoutSpaces(element.name),
      });
    else this.#content(withoutSpaces(element.name), element.children, false);
  }

  #datum(element: BinXmlElement): void {
    const named =
      element.name === NAMELESS ? element.attributes.find(({ name }) => name === "Name") : undefined;
    if (named === undefined) return this.#value(withoutSpaces(element.name), element);
    const [part] = named.parts;
    if (named.parts.length === 1 && part?.kind === "text") this.#value(withoutSpaces(part.text), element);
    else this.steps.push({ kind: "named", nameParts: named.parts, element });
  }

  #value(name: string, element: BinXmlElement): void {
    const holdsElements = element.children.some(({ kind }) => kind === "element" || kind === "instance");
    if (holdsElements) this.steps.push({ kind: "tree", name, element });
    else this.#content(name, element.children, false);
  }

  #content(name: string, parts: readonly BinXmlNode[], skipsNull: boolean): void {
    const [first] = parts;
    if (first === undefined) return this.#text(name, "");
    if (parts.length > 1) this.steps.push({ kind: "parts", name, parts, isRepeated: this.#repeats(name) });
    else if (first.kind === "text") this.#text(name, first.text);
    else if (first.kind === "hole")
      this.steps.push({
        kind: "value",
        name,
        index: first.index,
        skipsNull,
        isRepeated: this.#repeats(name),
      });
  }

  #text(name: string, text: string): void {
    this.steps.push({ kind: "text", name, text, isRepeated: this.#repeats(name) });
  }

  #repeats(name: string): boolean {
    if (this.#names.has(name)) return true;
    this.#names.add(name);
    return false;
  }
}

/** Sigma's names of EventData have none. */
export function withoutSpaces(name: string): string {
  return name.includes(" ") ? name.replaceAll(" ", "") : name;
}
