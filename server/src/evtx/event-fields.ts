import type { EventFields, FieldValue } from "@tyto/domain";
import type { BinXmlElement, BinXmlNode } from "./binxml.ts";
import type { Chunk, Template } from "./chunk.ts";
import { planFields, withoutSpaces } from "./field-plan.ts";
import type { FieldPlan, FieldStep } from "./field-plan.ts";
import { Fragments, PLACE } from "./fragment.ts";
import type { Form, Place } from "./fragment.ts";
import { textOf } from "./value-reader.ts";

type Fields = Record<string, FieldValue>;

/**
 * An event under the names that Sigma's rules use (`EventID`, `Provider_Name`, `TargetUserName`), straight from the bytes: no text
 * and no tree of the event between.
 */
export class EventFieldsForm implements Form {
  readonly #chunk: Chunk;
  readonly #fragments: Fragments;
  #fields: Fields = Object.create(null) as Fields;

  constructor(chunk: Chunk) {
    this.#chunk = chunk;
    this.#fragments = new Fragments(chunk, this);
  }

  read(at: number, limit: number): EventFields {
    this.#fields = Object.create(null) as Fields;
    this.#fragments.read(at, limit, PLACE.record);
    return this.#fields;
  }

  take(nodes: readonly BinXmlNode[], template: Template | undefined, place: Place): void {
    this.#run(template === undefined ? planFields(nodes, place) : planOf(template, place));
  }

  #run(plan: FieldPlan): void {
    const chunk = this.#chunk;
    if (!chunk.spend(16 * plan.length)) return;
    for (let i = 0; i < plan.length && chunk.problem === ""; i += 1) {
      const step = plan[i];
      if (step === undefined) return;
      if (step.kind === "value") this.#value(step);
      else if (step.kind === "unless-null") i += chunk.isNull(step.index) ? step.steps : 0;
      else this.#other(step);
    }
  }

  #value(step: Extract<FieldStep, { kind: "value" }>): void {
    const chunk = this.#chunk;
    const { name, index } = step;
    if (step.skipsNull && chunk.isNull(index)) return;
    const value = chunk.isXml(index) ? this.#xmlIn(index) : chunk.valueAt(index);
    if (step.isRepeated) this.#add(name, value);
    else this.#fields[name] = value;
  }

  #other(step: Exclude<FieldStep, { kind: "value" | "unless-null" }>): void {
    switch (step.kind) {
      case "text":
        if (step.isRepeated) this.#add(step.name, step.text);
        else this.#fields[step.name] = step.text;
        return;
      case "parts":
        if (step.isRepeated) this.#add(step.name, this.#textOf(step.parts));
        else this.#fields[step.name] = this.#textOf(step.parts);
        return;
      case "named":
        this.#fields[withoutSpaces(this.#textOf(step.nameParts))] = this.#valueOf(step.element);
        return;
      case "tree":
        this.#add(step.name, this.#valueOf(step.element));
        return;
      case "fragment":
        this.#fragment(step.index, step.place, step.name);
        return;
      case "instance":
        this.#fragments.instance(step.at, this.#chunk.bytes.length, step.place);
    }
  }

  #fragment(index: number, place: Place, name: string): void {
    const chunk = this.#chunk;
    if (chunk.isXml(index)) this.#fragments.read(chunk.startOf(index), chunk.endOf(index), place);
    else if (!chunk.isNull(index) && place !== PLACE.record) this.#add(name, chunk.valueAt(index));
  }

  /** Both values stay, in the order in which they came. */
  #add(name: string, value: FieldValue): void {
    const present = this.#fields[name];
    if (present === undefined) this.#fields[name] = value;
    else if (Array.isArray(present)) (present as FieldValue[]).push(value);
    else this.#fields[name] = [present, value];
  }

  /** XML in a value that a name waits for: its fields, as one map. */
  #xmlIn(index: number): FieldValue {
    const outer = this.#fields;
    const inner = Object.create(null) as Fields;
    this.#fields = inner;
    this.#fragments.read(this.#chunk.startOf(index), this.#chunk.endOf(index), PLACE.data);
    this.#fields = outer;
    return inner;
  }

  /** Text, or a map of what stands in it: attributes under `#attributes`, as other readers of such files have it. */
  #valueOf(element: BinXmlElement): FieldValue {
    const { attributes, children } = element;
    if (!this.#chunk.spend(16 + 16 * children.length)) return null;
    const isPlain = children.every(({ kind }) => kind === "text" || kind === "hole");
    const [only] = children;
    if (isPlain && children.length === 1 && only?.kind === "hole")
      return this.#chunk.isXml(only.index) ? this.#xmlIn(only.index) : this.#chunk.valueAt(only.index);
    if (isPlain) return this.#textOf(children);
    const outer = this.#fields;
    const inner = Object.create(null) as Fields;
    this.#fields = inner;
    if (attributes.length > 0) {
      inner["#attributes"] = Object.fromEntries(
        attributes.map(({ name, parts }) => [name, this.#textOf(parts)]),
      );
    }
    for (const child of children) {
      if (child.kind === "element") this.#child(child);
      else if (child.kind === "hole") this.#fragment(child.index, PLACE.data, "#text");
      else if (child.kind === "instance")
        this.#fragments.instance(child.at, this.#chunk.bytes.length, PLACE.data);
    }
    this.#fields = outer;
    return inner;
  }

  #child(element: BinXmlElement): void {
    if (element.dependency >= 0 && this.#chunk.isNull(element.dependency)) return;
    this.#add(element.name, this.#valueOf(element));
  }

  #textOf(parts: readonly BinXmlNode[]): string {
    let text = "";
    for (const part of parts) {
      if (part.kind === "text") text += part.text;
      else if (part.kind === "hole" && !this.#chunk.isXml(part.index)) {
        text += textOf(this.#chunk.valueAt(part.index));
      }
    }
    return text;
  }
}

function planOf(template: Template, place: Place): FieldPlan {
  const known = template.plans[place];
  if (known !== undefined) return known;
  const plan = planFields(template.nodes, place);
  template.plans[place] = plan;
  return plan;
}
